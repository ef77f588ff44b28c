"""NSS's own `certutil` on one database: SQLite with rules of its own, which NSS alone should write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

from certs.errors import StoreRefused, ToolMissing

_PATIENCE: Final = 20  # seconds; a browser that holds the database answers within milliseconds


class Owner(NamedTuple):
    """The user under whose rights a database is opened."""

    uid: int
    gid: int


class Entry(NamedTuple):
    """`trust`: for TLS servers, mail and code, in certutil's letters (`C,,`)."""

    nickname: str
    trust: str


class Database(NamedTuple):
    """The folder of a `cert9.db`. `owner`: whose rights to take up; None: those that this process has."""

    path: Path
    owner: Owner | None = None

    @property
    def exists(self) -> bool:
        return (self.path / "cert9.db").is_file()

    def create(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._run("-N", "--empty-password")

    def entries(self, prefix: str) -> list[Entry]:
        """Those whose nickname begins so. Raises StoreRefused, ToolMissing, as all of these do."""
        found = []
        for line in self._run("-L").decode(errors="replace").splitlines():
            name, _, trust = line.rstrip().rpartition(" ")
            if name.startswith(prefix):
                found.append(Entry(name.rstrip(), trust))
        return found

    def certificate(self, nickname: str) -> bytes:
        """DER."""
        return self._run("-L", "-n", nickname, "-r")

    def add(self, nickname: str, trust: str, certificate: bytes) -> None:
        """Leaves an entry as it is when the certificate is already there."""
        self._run("-A", "-t", trust, "-n", nickname, data=certificate)

    def change_trust(self, nickname: str, trust: str) -> None:
        self._run("-M", "-t", trust, "-n", nickname)

    def delete(self, nickname: str) -> None:
        self._run("-D", "-n", nickname)

    def _run(self, *arguments: str, data: bytes = b"") -> bytes:
        tool = shutil.which("certutil")
        if tool is None:
            raise ToolMissing("certutil")
        command = [tool, *arguments[:1], "-d", f"sql:{self.path}", *arguments[1:]]
        try:
            done = subprocess.run(
                command, input=data, capture_output=True, timeout=_PATIENCE, check=False, **self._isolation()
            )
        except subprocess.TimeoutExpired as error:
            raise StoreRefused(self.path, "certutil gave no answer") from error
        if done.returncode != 0:
            raise StoreRefused(self.path, _reason(done.stderr))
        return bytes(done.stdout)

    def _isolation(self) -> dict[str, Any]:
        # A session of its own: certutil asks for a primary password on /dev/tty and would wait there for ever.
        own: dict[str, Any] = {"start_new_session": True}
        if sys.platform != "win32" and self.owner is not None and self.owner.uid != os.geteuid():
            # In a folder that its owner can change, links could lead an administrator's write anywhere.
            return {**own, "user": self.owner.uid, "group": self.owner.gid, "extra_groups": [], "cwd": "/"}
        return own


def _reason(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "certutil failed"
