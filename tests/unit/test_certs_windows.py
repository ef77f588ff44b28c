"""What we do with a store of Windows; the store itself is met under wine."""

from __future__ import annotations

import pytest

from certs.errors import SystemStoreRefused
from certs.identity import short_name
from certs.scope import Scope
from certs.trust.windows import WindowsStore
from tests.unit.certs_roots import impostor, root


class Shelf:
    """A store in memory, whose person may answer No."""

    def __init__(self, *held: bytes) -> None:
        self.held = [*held]
        self.questions = 0
        self.answer = True

    def certificates(self) -> list[bytes]:
        return list(self.held)

    def add(self, certificate: bytes) -> None:
        self._ask()
        self.held.append(certificate)

    def delete(self, certificate: bytes) -> None:
        self._ask()
        self.held.remove(certificate)

    def _ask(self) -> None:
        self.questions += 1
        if not self.answer:
            raise OSError(1223, "The operation was canceled by the user.")


class Unreadable(Shelf):
    def certificates(self) -> list[bytes]:
        raise OSError(5, "Access is denied.")


@pytest.mark.parametrize(("scope", "place"), [(Scope.USER, "CurrentUser"), (Scope.MACHINE, "LocalMachine")])
def test_a_round_trip_leaves_the_store_as_it_was(scope: Scope, place: str) -> None:
    shelf = Shelf(impostor())
    store = WindowsStore(scope, shelf)
    [presence] = store.install(root())
    assert presence.trusted
    assert place in presence.place
    assert shelf.held == [impostor(), root()]
    assert [p.trusted for p in store.uninstall(root())] == [False]
    assert shelf.held == [impostor()]


def test_windows_asks_once_and_not_again_when_nothing_is_to_do() -> None:
    shelf = Shelf()
    store = WindowsStore(Scope.USER, shelf)
    store.install(root())
    store.install(root())
    store.status(root())
    assert shelf.questions == 1
    store.uninstall(root())
    store.uninstall(root())
    assert shelf.questions == 2


def test_a_no_is_told_with_windows_words_and_trusts_nothing() -> None:
    shelf = Shelf()
    shelf.answer = False
    [presence] = WindowsStore(Scope.USER, shelf).install(root())
    assert isinstance(presence.trouble, SystemStoreRefused)
    assert "canceled by the user" in presence.trouble.text("en")
    assert "はい" in presence.trouble.text("ja")
    assert not presence.trusted


def test_a_no_to_removing_leaves_it_trusted_and_says_so() -> None:
    shelf = Shelf(root())
    shelf.answer = False
    [presence] = WindowsStore(Scope.USER, shelf).uninstall(root())
    assert presence.trusted
    assert isinstance(presence.trouble, SystemStoreRefused)


def test_an_earlier_root_is_named_and_goes_only_on_demand() -> None:
    shelf = Shelf(root(1), root())
    store = WindowsStore(Scope.MACHINE, shelf)
    assert [p.others for p in store.status(root())] == [(short_name(root(1)),)]
    store.uninstall(root())
    assert shelf.held == [root(1)]
    store.uninstall(None)
    assert shelf.held == []


def test_a_store_that_cannot_be_read_is_reported() -> None:
    store = WindowsStore(Scope.MACHINE, Unreadable())
    for presences in (store.install(root()), store.status(root()), store.uninstall(root())):
        [presence] = presences
        assert isinstance(presence.trouble, SystemStoreRefused)
        assert not presence.trusted
