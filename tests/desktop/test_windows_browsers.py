"""`card-bridge browsers` on Windows, in the registry of a Wine: ours in, ours out, and nobody else's touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.desktop import wine
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

PORTAL, TEST = "https://portal.example", "https://test.example:8443"
CHROME = r"SOFTWARE\Policies\Google\Chrome\LoopbackNetworkAllowedForUrls"
EDGE = r"SOFTWARE\Policies\Microsoft\Edge\LocalNetworkAccessAllowedForUrls"
FIREFOX = r"SOFTWARE\Policies\Mozilla\Firefox\LocalNetworkAccess\SkipDomains"

READ = r"""
import json, winreg
def read(key, name):
    try:
        key = winreg.OpenKey(key, name, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)
    except FileNotFoundError:
        return None
    keys, values, _ = winreg.QueryInfoKey(key)
    found = {name: str(data) for name, data, _ in (winreg.EnumValue(key, n) for n in range(values))}
    return found | {name + "/": read(key, name) for name in [winreg.EnumKey(key, n) for n in range(keys)]}
below = "Policies", "Card Bridge"
print(json.dumps({name + "/": read(winreg.HKEY_LOCAL_MACHINE, "SOFTWARE\\" + name) for name in below}))
"""
WRITE = """
import sys, winreg
key = winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, sys.argv[1], 0, winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_64KEY)
for name, text in zip(sys.argv[2::2], sys.argv[3::2]):
    winreg.SetValueEx(key, name, 0, winreg.REG_SZ, text)
"""
DELETE = """
import sys, winreg
winreg.DeleteKeyEx(winreg.HKEY_LOCAL_MACHINE, sys.argv[1], winreg.KEY_WOW64_64KEY)
"""
DOCTOR = """
import json
from tray.browsers import lines
print(json.dumps([line.wire() for line in lines.examine()]))
"""


def browsers(system: System, *arguments: str, status: int = 0) -> str:
    done = wine.python(system.env, "-m", "bridge.cli", "browsers", *arguments, "--language", "en")
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def registry(system: System) -> Any:
    return printed(system, READ)


def printed(system: System, script: str) -> Any:
    done = wine.python(system.env, "-c", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout, f"nothing was printed; {done.stderr}"
    return json.loads(done.stdout)


def write(system: System, key: str, *names_and_texts: str) -> None:
    done = wine.python(system.env, "-c", WRITE, key, *names_and_texts)
    assert done.returncode == 0, done.stderr


def delete(system: System, *keys: str) -> None:
    """Deepest first: a key that holds others stays."""
    for key in keys:
        done = wine.python(system.env, "-c", DELETE, key)
        assert done.returncode == 0, done.stderr


def listed(system: System, key: str) -> dict[str, str]:
    found = registry(system)
    for name in key.split("\\")[1:]:
        found = (found or {}).get(f"{name}/")
    return {name: text for name, text in (found or {}).items() if isinstance(text, str)}


@pytest.fixture(autouse=True)
def untouched(system: System) -> Iterator[Any]:
    """What stood there before, which stands there again afterwards."""
    wine.start_services(system.env)
    before = registry(system)
    yield before
    browsers(system, "revoke")
    assert registry(system) == before


def test_each_browser_gets_exactly_the_sites_in_its_own_form(system: System) -> None:
    assert browsers(system, "allow", PORTAL, TEST).count("allowed by the browser's policy") == 10
    both = {"1": "https://portal.example:443", "2": TEST}
    assert listed(system, CHROME) == listed(system, EDGE) == both
    assert listed(system, FIREFOX) == {"1": "portal.example", "2": "test.example"}
    browsers(system, "allow", TEST)
    assert listed(system, CHROME) == {"2": TEST}
    assert browsers(system, "status").count("allowed by the browser's policy") == 5


def test_what_others_wrote_is_kept_and_numbered_around(system: System) -> None:
    theirs = ("1", "https://their.example", "7", "https://portal.example:443", "x", "no list")
    write(system, CHROME, *theirs)
    write(system, r"SOFTWARE\Policies\Google\Chrome", "HomepageLocation", "https://start.example")
    before = listed(system, CHROME)
    browsers(system, "allow", PORTAL, TEST)
    assert listed(system, CHROME) == {**before, "8": TEST}  # the portal was allowed by them already
    browsers(system, "revoke")
    assert listed(system, CHROME) == before
    assert listed(system, r"SOFTWARE\Policies\Google\Chrome")["HomepageLocation"] == "https://start.example"
    delete(system, CHROME, r"SOFTWARE\Policies\Google\Chrome", r"SOFTWARE\Policies\Google")


def test_what_others_wrote_over_ours_is_theirs(system: System) -> None:
    browsers(system, "allow", PORTAL)
    write(system, CHROME, "1", "https://their.example")
    said = browsers(system, "status", status=1)
    assert "https://portal.example:443 is no longer in the browser's policy (Chrome: LoopbackNetwork" in said
    browsers(system, "allow", PORTAL)
    assert listed(system, CHROME) == {"1": "https://their.example", "2": "https://portal.example:443"}
    browsers(system, "revoke")
    assert listed(system, CHROME) == {"1": "https://their.example"}
    delete(system, CHROME, r"SOFTWARE\Policies\Google\Chrome", r"SOFTWARE\Policies\Google")


def test_a_group_policy_list_without_ours_is_told_with_what_to_do(system: System) -> None:
    browsers(system, "allow", PORTAL)
    delete(system, EDGE)  # as group policy does with a list that is not additive
    write(system, EDGE, "1", "https://their.example")
    lines = printed(system, DOCTOR)
    missing = [line["text"] for line in lines if not line["ok"]]
    [told] = missing
    assert "(Edge: LocalNetworkAccessAllowedForUrls)" in told["en"]
    assert "without `additive`" in told["en"]
    assert "Add https://portal.example:443 to that list" in told["en"]
    assert "グループポリシーの一覧（additive なし）" in told["ja"]
    assert "https://portal.example:443 を加えてください" in told["ja"]
    assert len(lines) == 5
    browsers(system, "revoke")
    assert listed(system, EDGE) == {"1": "https://their.example"}
    delete(system, EDGE, r"SOFTWARE\Policies\Microsoft\Edge", r"SOFTWARE\Policies\Microsoft")


def test_where_one_list_cannot_be_written_all_stand_as_before(system: System) -> None:
    browsers(system, "allow", PORTAL)
    before = registry(system)
    access = ("-m", "tests.desktop.windows_closed_key")
    assert wine.python(system.env, *access, "close", FIREFOX).returncode == 0
    try:
        for origins in ((PORTAL, TEST), (TEST,)):  # one more; another instead
            assert "Access denied" in browsers(system, "allow", *origins, status=1)
            assert registry(system) == before
    finally:
        assert wine.python(system.env, *access, "open", FIREFOX).returncode == 0
    browsers(system, "allow", TEST)
    assert listed(system, FIREFOX) == {"1": "test.example"}


def test_what_is_no_origin_is_refused_before_anything_is_written(system: System, untouched: Any) -> None:
    assert "is not an origin" in browsers(system, "allow", PORTAL, "https://*.example", status=2)
    assert registry(system) == untouched
