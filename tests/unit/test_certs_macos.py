"""What we ask `security` for and make of its answers; a stand-in keeps keychain and trust settings."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from certs.errors import SystemStoreRefused
from certs.identity import short_name
from certs.scope import Scope
from certs.trust.macos import MacStore, domain
from tests import keychain
from tests.unit.certs_roots import root


@pytest.fixture
def security(tmp_path: Path) -> Path:
    return keychain.program(tmp_path)


def held(folder: Path, scope: Scope) -> list[bytes]:
    place = domain(scope).keychain.name
    return [path.read_bytes() for path in keychain.Keychain(folder).held(place)]


def settings(folder: Path, scope: Scope) -> list[str]:
    file = folder / ("admin.plist" if scope is Scope.MACHINE else "user.plist")
    return list(plistlib.loads(file.read_bytes())["trustList"])


@pytest.mark.parametrize("scope", Scope)
def test_a_round_trip_leaves_keychain_and_settings_empty(tmp_path: Path, security: Path, scope: Scope) -> None:
    store = MacStore(scope, security)
    assert [(p.trusted, p.trouble) for p in store.status(root())] == [(False, None)]
    [presence] = store.install(root())
    assert presence.trusted
    assert presence.place == str(domain(scope).keychain)
    assert held(tmp_path, scope) == [root()]
    assert len(settings(tmp_path, scope)) == 1
    assert [(p.trusted, p.trouble) for p in store.uninstall(root())] == [(False, None)]
    assert held(tmp_path, scope) == []
    assert settings(tmp_path, scope) == []


def test_a_second_install_asks_for_no_password(tmp_path: Path, security: Path) -> None:
    store = MacStore(Scope.USER, security)
    store.install(root())
    (tmp_path / "refuse").touch()
    assert [(p.trusted, p.trouble) for p in store.install(root())] == [(True, None)]


def test_a_refused_password_is_told_with_the_systems_words(tmp_path: Path, security: Path) -> None:
    (tmp_path / "refuse").touch()
    [presence] = MacStore(Scope.MACHINE, security).install(root())
    assert isinstance(presence.trouble, SystemStoreRefused)
    assert "canceled by the user" in presence.trouble.text("en")
    assert not presence.trusted
    assert held(tmp_path, Scope.MACHINE) == []


@pytest.mark.parametrize(
    ("setting", "trusted"),
    [([{"kSecTrustSettingsResult": 3}], False), ([{"kSecTrustSettingsResult": 1}], True), ([{}], True), ([], True)],
)
def test_a_root_in_the_keychain_is_trusted_as_its_settings_say(
    tmp_path: Path, security: Path, setting: list[object], trusted: bool
) -> None:
    store = MacStore(Scope.USER, security)
    store.install(root())
    [digest] = settings(tmp_path, Scope.USER)
    (tmp_path / "user.plist").write_bytes(plistlib.dumps({"trustList": {digest: {"trustSettings": setting}}}))
    assert [p.trusted for p in store.status(root())] == [trusted]


def test_a_root_without_settings_is_not_trusted_and_can_be_taken_out(tmp_path: Path, security: Path) -> None:
    store = MacStore(Scope.USER, security)
    store.install(root())
    (tmp_path / "user.plist").unlink()
    assert [p.trusted for p in store.status(root())] == [False]
    assert [p.trouble for p in store.uninstall(root())] == [None]
    assert held(tmp_path, Scope.USER) == []


def test_an_earlier_root_is_named_and_goes_only_on_demand(tmp_path: Path, security: Path) -> None:
    store = MacStore(Scope.USER, security)
    store.install(root(1))
    [presence] = store.install(root())
    assert presence.others == (short_name(root(1)),)
    store.uninstall(root())
    assert held(tmp_path, Scope.USER) == [root(1)]
    store.uninstall(None)
    assert held(tmp_path, Scope.USER) == []


def test_a_tool_that_fails_or_is_missing_is_reported(tmp_path: Path) -> None:
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\necho keychain is locked >&2\nexit 51\n")
    failing.chmod(0o755)
    for program, words in ((failing, "keychain is locked"), (tmp_path / "none", "No such file")):
        store = MacStore(Scope.USER, program)
        for presences in (store.install(root()), store.status(root()), store.uninstall(root())):
            [presence] = presences
            assert isinstance(presence.trouble, SystemStoreRefused)
            assert words in presence.trouble.text("en")
            assert not presence.trusted
