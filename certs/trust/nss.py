"""NSS databases: where Chromium and Firefox on Linux keep what a person trusts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from certs.errors import CertificatesError, StoreRefused
from certs.identity import COMMON_NAME, is_ours
from certs.trust import places
from certs.trust.certutil import Database
from certs.trust.port import Presence

_TRUST: Final = "C,,"  # a CA for TLS servers; neither for mail nor for code


def nickname(root: bytes) -> str:
    """The name under which this root is filed. Firefox files what a policy installs under a name of its own."""
    return COMMON_NAME + hashlib.sha256(root).hexdigest()[:16]


class NssStore:
    """The NSS databases of this user's browsers, or exactly those named."""

    name: Final = "NSS (Chromium, Firefox)"
    question: Final = None

    def __init__(self, databases: Iterable[Path] | None = None, *, home: Path | None = None) -> None:
        self._named = None if databases is None else [Path(path) for path in databases]
        self._home = home

    def install(self, root: bytes) -> list[Presence]:
        return [_attempt(database, root, _install) for database in self._databases()]

    def status(self, root: bytes | None) -> list[Presence]:
        return [_presence(database, root, None) for database in self._databases() if database.exists]

    def uninstall(self, root: bytes | None) -> list[Presence]:
        return [_attempt(database, root, _uninstall) for database in self._databases() if database.exists]

    def _databases(self) -> list[Database]:
        paths = places.databases(self._home or Path.home()) if self._named is None else self._named
        return [Database(path) for path in paths]


class EveryonesNss:
    """The databases of all users of this computer, each opened with its owner's rights, for taking roots out.

    Firefox copies what a policy installs into each profile and leaves it there when the policy is gone.
    """

    name: Final = "NSS (Chromium, Firefox), every user"
    question: Final = None

    def __init__(self, homes: Iterable[Path] | None = None) -> None:
        self._homes = homes

    def uninstall(self, root: bytes | None) -> list[Presence]:
        """Databases that hold a root of ours, as they are afterwards."""
        found = [database for database in self._databases() if _holds_ours(database)]
        return [_attempt(database, root, _uninstall) for database in found]

    def _databases(self) -> list[Database]:
        homes = places.homes() if self._homes is None else self._homes
        owned = ((home, places.owner(home)) for home in homes)
        return [Database(path, owner) for home, owner in owned for path in places.existing(home)]


class _Held(NamedTuple):
    nickname: str
    trust: str
    root: bytes


class _Change(Protocol):
    def __call__(self, database: Database, root: bytes | None, /) -> None: ...


def _attempt(database: Database, root: bytes | None, change: _Change) -> Presence:
    try:
        change(database, root)
    except StoreRefused as error:
        return _presence(database, root, error)
    return _presence(database, root, None)


def _install(database: Database, root: bytes | None) -> None:
    if root is None:
        raise ValueError("nothing to install")
    if not database.exists:
        database.create()
    held = next((each.nickname for each in _held(database) if each.root == root), None)
    try:
        if held is None:
            database.add(nickname(root), _TRUST, root)
        # It may have been there with other trust, or under the name that Firefox gave it.
        database.change_trust(held or nickname(root), _TRUST)
    except StoreRefused:
        # With a primary password NSS files the certificate and then refuses the trust: leave no half entry.
        _uninstall(database, root)
        raise


def _uninstall(database: Database, root: bytes | None) -> None:
    for each in _held(database):
        if root is None or each.root == root:
            database.delete(each.nickname)


def _presence(database: Database, root: bytes | None, trouble: CertificatesError | None) -> Presence:
    place = str(database.path)
    try:
        held = _held(database)
    except StoreRefused as error:
        return Presence(place, trusted=False, trouble=trouble or error)
    trusted = any(each.root == root and each.trust == _TRUST for each in held)
    return Presence(place, trusted, tuple(each.nickname for each in held if each.root != root), trouble)


def _holds_ours(database: Database) -> bool:
    try:
        return bool(_held(database))
    except StoreRefused:
        return True  # what cannot be read is reported


def _held(database: Database) -> list[_Held]:
    """Roots of ours; an entry that merely borrows the name is none."""
    entries = database.entries(COMMON_NAME)
    found = [_Held(*entry, database.certificate(entry.nickname)) for entry in entries]
    return [each for each in found if is_ours(each.root)]
