"""NSS databases, through NSS's own `certutil`: SQLite with rules of its own, which NSS alone should write."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from certs.errors import CertificatesError, StoreRefused, ToolMissing
from certs.trust import places
from certs.trust.port import Presence

_PREFIX: Final = "Card Bridge localhost CA "
_NICKNAME: Final = re.compile(re.escape(_PREFIX) + "([0-9a-f]{16})")
_TRUST: Final = "C,,"  # a CA for TLS servers; neither for mail nor for code
_PATIENCE: Final = 20  # seconds; a browser that holds the database answers within milliseconds


def nickname(root: bytes) -> str:
    """The name under which this root is filed; it carries the fingerprint, so that it proves whose entry it is."""
    return _PREFIX + hashlib.sha256(root).hexdigest()[:16]


class _Entry(NamedTuple):
    nickname: str
    trust: str


class NssStore:
    """The NSS databases of this user's browsers, or exactly those named."""

    name: Final = "NSS (Chromium, Firefox)"

    def __init__(self, databases: Iterable[Path] | None = None, *, home: Path | None = None) -> None:
        self._named = None if databases is None else [Path(path) for path in databases]
        self._home = home

    def install(self, root: bytes) -> list[Presence]:
        return [self._attempt(path, root, _install) for path in self._databases()]

    def status(self, root: bytes | None) -> list[Presence]:
        return [self._attempt(path, root, None) for path in self._existing()]

    def uninstall(self, root: bytes | None) -> list[Presence]:
        return [self._attempt(path, root, _uninstall) for path in self._existing()]

    def _databases(self) -> list[Path]:
        return places.databases(self._home or Path.home()) if self._named is None else self._named

    def _existing(self) -> list[Path]:
        return [path for path in self._databases() if (path / "cert9.db").is_file()]

    def _attempt(self, path: Path, root: bytes | None, change: _Change | None) -> Presence:
        trouble = None
        try:
            if change is not None:
                change(path, root)
        except StoreRefused as error:
            trouble = error
        return _presence(path, root, trouble)


class _Change(Protocol):
    def __call__(self, path: Path, root: bytes | None, /) -> None: ...


def _install(path: Path, root: bytes | None) -> None:
    if root is None:
        raise ValueError("nothing to install")
    if not (path / "cert9.db").is_file():
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        _certutil(path, "-N", "--empty-password")
    name = nickname(root)
    try:
        _certutil(path, "-A", "-t", _TRUST, "-n", name, data=root)
        # -A leaves an entry as it is when the certificate was already there with other trust.
        _certutil(path, "-M", "-t", _TRUST, "-n", name)
    except StoreRefused:
        # With a primary password NSS files the certificate and then refuses the trust: leave no half entry.
        _uninstall(path, root)
        raise


def _uninstall(path: Path, root: bytes | None) -> None:
    for entry in _ours(path):
        if root is None or entry.nickname == nickname(root):
            _certutil(path, "-D", "-n", entry.nickname)


def _presence(path: Path, root: bytes | None, trouble: CertificatesError | None) -> Presence:
    try:
        entries = _ours(path)
    except StoreRefused as error:
        return Presence(str(path), trusted=False, trouble=trouble or error)
    name = None if root is None else nickname(root)
    trusted = any(entry == _Entry(name or "", _TRUST) for entry in entries)
    return Presence(str(path), trusted, tuple(e.nickname for e in entries if e.nickname != name), trouble)


def _ours(path: Path) -> list[_Entry]:
    """Entries under a nickname of ours whose certificate has the fingerprint that the nickname says."""
    found = []
    for line in _certutil(path, "-L").decode(errors="replace").splitlines():
        name, _, trust = line.rstrip().rpartition(" ")
        match = _NICKNAME.fullmatch(name.rstrip())
        if match and hashlib.sha256(_certutil(path, "-L", "-n", match[0], "-r")).hexdigest().startswith(match[1]):
            found.append(_Entry(match[0], trust))
    return found


def _certutil(path: Path, *arguments: str, data: bytes = b"") -> bytes:
    """Runs certutil on one database; its answer's bytes. Raises StoreRefused, ToolMissing."""
    tool = shutil.which("certutil")
    if tool is None:
        raise ToolMissing("certutil")
    command = [tool, *arguments[:1], "-d", f"sql:{path}", *arguments[1:]]
    try:
        # A session of its own: certutil asks for a primary password on /dev/tty and would wait there for ever.
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=_PATIENCE, start_new_session=True, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise StoreRefused(path, "certutil gave no answer") from error
    if done.returncode != 0:
        raise StoreRefused(path, _reason(done.stderr))
    return done.stdout


def _reason(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "certutil failed"
