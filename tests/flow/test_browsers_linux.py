"""`card-bridge browsers` on a Linux of the test's own: an administrator's policies pass through, ours come and go."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.private_system import PrivateSystem, available

pytestmark = [
    pytest.mark.skipif(not available(), reason="needs mount namespaces"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="administrators' files need root"),
]

PORTAL, TEST = "https://portal.example", "https://test.example:8443"
MANAGED = Path("/etc/chromium/policies/managed")
SITES = MANAGED / "card-bridge-sites.json"
FIREFOX = Path("/etc/firefox/policies/policies.json")
THEIRS = {
    "policies": {
        "DisableTelemetry": True,
        "LocalNetworkAccess": {"Enabled": True, "SkipDomains": ["their.example", "portal.example"]},
    }
}


@pytest.fixture
def system(tmp_path: Path) -> PrivateSystem:
    return PrivateSystem(tmp_path, {})


def browsers(system: PrivateSystem, *arguments: str, status: int = 0) -> str:
    done = system.run(sys.executable, "-m", "bridge.cli", "browsers", *arguments, "--language", "en")
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def read(system: PrivateSystem, path: Path) -> Any:
    return json.loads(system.real(path).read_text(encoding="utf-8"))


def write(system: PrivateSystem, path: Path, content: object) -> None:
    system.real(path).parent.mkdir(parents=True, exist_ok=True)
    system.real(path).write_text(json.dumps(content), encoding="utf-8")


def files(system: PrivateSystem) -> set[Path]:
    return {path for part in ("etc", "var-lib") for path in (system.folder / part).rglob("*")}


def test_exactly_the_sites_come_and_go(system: PrivateSystem) -> None:
    before = files(system)
    browsers(system, "allow", PORTAL, TEST)
    both = ["https://portal.example:443", TEST]
    assert read(system, SITES) == {"LoopbackNetworkAllowedForUrls": both, "LocalNetworkAccessAllowedForUrls": both}
    assert read(system, FIREFOX) == {
        "policies": {"LocalNetworkAccess": {"SkipDomains": ["portal.example", "test.example"]}}
    }
    browsers(system, "allow", TEST)
    assert read(system, SITES)["LoopbackNetworkAllowedForUrls"] == [TEST]
    assert read(system, FIREFOX) == {"policies": {"LocalNetworkAccess": {"SkipDomains": ["test.example"]}}}
    assert "test.example" in browsers(system, "status")
    assert "set no policy" in browsers(system, "revoke")
    assert files(system) == before


def test_an_administrators_policies_pass_through(system: PrivateSystem) -> None:
    write(system, FIREFOX, THEIRS)
    browsers(system, "allow", PORTAL, TEST)
    access = read(system, FIREFOX)["policies"]["LocalNetworkAccess"]
    assert access == {"Enabled": True, "SkipDomains": ["their.example", "portal.example", "test.example"]}
    browsers(system, "revoke")
    assert read(system, FIREFOX) == THEIRS


def test_a_list_that_another_file_sets_is_told_with_what_to_do(system: PrivateSystem) -> None:
    rival = MANAGED / "managed.json"
    write(system, rival, {"LoopbackNetworkAllowedForUrls": ["https://their.example"]})
    said = browsers(system, "allow", PORTAL, status=1)
    assert f"Another policy file, {rival}, sets the same list" in said
    assert f"Add https://portal.example:443 to {rival}" in said
    assert said.count("allowed by the browser's policy") == 2


def test_what_was_taken_out_by_others_is_told_and_not_looked_for_again(system: PrivateSystem) -> None:
    browsers(system, "allow", PORTAL)
    write(system, FIREFOX, {"policies": {"DisableTelemetry": True}})
    said = browsers(system, "status", status=1)
    assert f"portal.example is no longer in the browser's policy ({FIREFOX}: LocalNetworkAccess.SkipDomains)" in said
    assert "run `card-bridge browsers allow` again" in said
    browsers(system, "revoke")
    assert read(system, FIREFOX) == {"policies": {"DisableTelemetry": True}}


def test_a_file_that_is_no_policy_is_left_alone(system: PrivateSystem) -> None:
    system.real(FIREFOX).parent.mkdir(parents=True, exist_ok=True)
    system.real(FIREFOX).write_text("{ policies", encoding="utf-8")
    assert f"{FIREFOX} cannot be read as a policy" in browsers(system, "allow", PORTAL, status=1)
    assert system.real(FIREFOX).read_text(encoding="utf-8") == "{ policies"
