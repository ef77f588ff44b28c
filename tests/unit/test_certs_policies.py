"""Firefox's and Chromium's policy files: what we add, what of others' passes through, what is refused."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from certs.errors import PolicyRefused
from certs.identity import short_name
from certs.trust.chromium_policy import Browser, ChromiumPolicy
from certs.trust.firefox_policy import FirefoxPolicy
from tests.unit.certs_roots import impostor, root


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """Where policies.json of every Firefox lies; /etc itself is there."""
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc" / "firefox" / "policies" / "policies.json"


@pytest.fixture
def chromium(tmp_path: Path) -> Browser:
    base = tmp_path / "etc" / "chromium"
    base.mkdir(parents=True)
    return Browser(base, ("no-such-browser",))


def policy(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_firefox_is_told_of_the_root_and_of_nothing_after_uninstalling(system: Path) -> None:
    firefox = FirefoxPolicy(system, [])
    old = os.umask(0o077)
    try:
        assert [p.trusted for p in firefox.install(root())] == [True]
    finally:
        os.umask(old)
    copy = system.with_name(f"{short_name(root())}.der")
    assert policy(system) == {"policies": {"Certificates": {"Install": [str(copy)]}}}
    assert copy.read_bytes() == root()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (system, copy)} == {0o644}
    assert stat.S_IMODE(system.parent.stat().st_mode) == 0o755
    before = system.stat().st_mtime_ns
    assert [p.trusted for p in firefox.install(root())] == [True]
    assert system.stat().st_mtime_ns == before
    assert [p.trusted for p in firefox.uninstall(root())] == [False]
    assert list((system.parents[2]).iterdir()) == []


def test_an_administrators_firefox_policies_pass_through(system: Path) -> None:
    theirs = {
        "policies": {
            "Homepage": {"URL": "https://例.jp/"},
            "Certificates": {"ImportEnterpriseRoots": True, "Install": ["agency.pem"]},
        }
    }
    put(system, theirs)
    firefox = FirefoxPolicy(system, [])
    firefox.install(root())
    assert policy(system)["policies"]["Homepage"] == theirs["policies"]["Homepage"]
    assert policy(system)["policies"]["Certificates"]["Install"][0] == "agency.pem"
    firefox.uninstall(root())
    assert policy(system) == theirs


def test_a_policy_in_firefoxs_own_folder_stays_in_force(system: Path, tmp_path: Path) -> None:
    own = tmp_path / "lib" / "distribution" / "policies.json"
    put(own, {"policies": {"DisableTelemetry": True}})
    firefox = FirefoxPolicy(system, [own.parent])
    assert [p.place for p in firefox.install(root())] == [str(own)]
    assert not system.exists()
    assert policy(own)["policies"]["DisableTelemetry"] is True
    put(system, {"policies": {}})  # from now on Firefox reads this one
    assert [(p.place, p.trusted) for p in firefox.status(root())] == [(str(system), False)]
    firefox.uninstall(root())
    assert policy(own) == {"policies": {"DisableTelemetry": True}}
    assert [path.name for path in own.parent.iterdir()] == ["policies.json"]


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"policies": []}',
        '{"policies": {"Certificates": 1}}',
        '{"policies": {"Certificates": {"Install": 1}}}',
    ],
)
def test_a_firefox_policy_that_cannot_be_read_is_reported_and_kept(system: Path, content: str) -> None:
    system.parent.mkdir(parents=True)
    system.write_text(content)
    [presence] = FirefoxPolicy(system, []).install(root())
    assert isinstance(presence.trouble, PolicyRefused)
    assert str(system) in presence.trouble.text("ja")
    assert not presence.trusted
    assert system.read_text() == content


def test_an_earlier_root_in_firefoxs_policy_goes_only_on_demand(system: Path) -> None:
    firefox = FirefoxPolicy(system, [])
    firefox.install(root(1))
    [presence] = firefox.install(root())
    assert presence.others == (short_name(root(1)),)
    firefox.uninstall(root())
    assert [p.trusted for p in firefox.status(root(1))] == [True]
    firefox.uninstall(None)
    assert list((system.parents[2]).iterdir()) == []


def test_a_copy_whose_entry_an_administrator_took_out_goes_too(system: Path) -> None:
    firefox = FirefoxPolicy(system, [])
    firefox.install(root())
    put(system, {"policies": {"DisableTelemetry": True}})
    assert [p.trusted for p in firefox.status(root())] == [False]
    firefox.uninstall(root())
    assert [path.name for path in system.parent.iterdir()] == ["policies.json"]


def test_a_copy_that_was_exchanged_is_not_trust(system: Path) -> None:
    firefox = FirefoxPolicy(system, [])
    firefox.install(root())
    system.with_name(f"{short_name(root())}.der").write_bytes(root(1))
    assert [p.trusted for p in firefox.status(root())] == [False]
    assert [p.trusted for p in firefox.install(root())] == [True]


def test_chromium_is_told_of_the_root_and_of_nothing_after_uninstalling(chromium: Browser) -> None:
    places = ChromiumPolicy([chromium])
    [presence] = places.install(root())
    assert presence.trusted
    file = Path(presence.place)
    assert file.parent == chromium.base / "policies" / "managed"
    assert policy(file) == {"CACertificates": [base64.b64encode(root()).decode()]}
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [p.trusted for p in places.uninstall(root())] == [False]
    assert list(chromium.base.iterdir()) == []  # the browser's folder stays, ours below it do not


def test_chromiums_other_policies_stay(chromium: Browser) -> None:
    other = chromium.base / "policies" / "managed" / "agency.json"
    put(other, {"HomepageLocation": "https://portal.example/"})
    places = ChromiumPolicy([chromium])
    places.install(root())
    places.uninstall(root())
    assert list(other.parent.iterdir()) == [other]


def test_a_second_file_with_the_same_policy_is_reported(chromium: Browser) -> None:
    other = chromium.base / "policies" / "managed" / "agency.json"
    put(other, {"CACertificates": ["AAAA"]})
    places = ChromiumPolicy([chromium])
    [presence] = places.install(root())
    assert isinstance(presence.trouble, PolicyRefused)
    assert presence.trouble.place == str(other)
    assert not presence.trusted
    assert list(other.parent.iterdir()) == [other]
    other.unlink()
    places.install(root())
    put(other, {"CACertificates": []})
    assert [p.trusted for p in places.status(root())] == [False]
    assert [p.trouble for p in places.uninstall(root())] == [None]


@pytest.mark.parametrize("entry", ["%%", 1, base64.b64encode(impostor()).decode()])
def test_a_file_of_ours_that_somebody_changed_is_kept(chromium: Browser, entry: object) -> None:
    places = ChromiumPolicy([chromium])
    [presence] = places.install(root())
    put(Path(presence.place), {"CACertificates": [entry]})
    [presence] = places.uninstall(root())
    assert isinstance(presence.trouble, PolicyRefused)
    assert policy(Path(presence.place)) == {"CACertificates": [entry]}


def test_an_earlier_root_in_chromiums_policy_goes_only_on_demand(chromium: Browser) -> None:
    places = ChromiumPolicy([chromium])
    places.install(root(1))
    [presence] = places.install(root())
    assert presence.others == (short_name(root(1)),)
    places.uninstall(root())
    assert [p.trusted for p in places.status(root(1))] == [True]
    places.uninstall(None)
    assert list(chromium.base.iterdir()) == []


def test_browsers_that_are_not_here_get_no_policy(tmp_path: Path) -> None:
    places = ChromiumPolicy([Browser(tmp_path / "none", ("no-such-browser",))])
    assert places.install(root()) == places.status(root()) == places.uninstall(root()) == []
    assert list(tmp_path.iterdir()) == []
