"""What the ledger asks of a file system: few calls, so that a test can stand for a disk that loses its power.

What `write` and `replace` did is durable only after `sync` of the file and `sync_directory` of its folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """Every call raises OSError when it fails."""

    def read(self, file: Path) -> bytes:
        """Raises FileNotFoundError."""
        ...

    def write(self, file: Path, content: bytes) -> None:
        """Create or overwrite, for the owner alone; missing folders are made, durably."""
        ...

    def sync(self, file: Path) -> None: ...

    def replace(self, fresh: Path, file: Path) -> None:
        """Give `fresh` the name of `file`, at one stroke."""
        ...

    def sync_directory(self, directory: Path) -> None: ...


class OwnDisk:
    """The operating system's."""

    def read(self, file: Path) -> bytes:
        return file.read_bytes()

    def write(self, file: Path, content: bytes) -> None:
        self._make(file.parent)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(content)

    def sync(self, file: Path) -> None:
        # Windows syncs through a descriptor that may write, and no other.
        _sync(file, os.O_RDWR)

    def replace(self, fresh: Path, file: Path) -> None:
        fresh.replace(file)

    def sync_directory(self, directory: Path) -> None:
        # Windows has no such call and needs none.
        if os.name != "nt":
            _sync(directory, os.O_RDONLY)

    def _make(self, directory: Path) -> None:
        """A folder is durable once the one that it stands in is synced."""
        if directory.is_dir():
            return
        self._make(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)
        self.sync_directory(directory.parent)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
