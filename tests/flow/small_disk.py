"""A disk of a few MiB that a program sees and a test fills: a tmpfs in a mount namespace of its own.

Needs Linux, and root or user namespaces.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.private_system import unshare

_HOLD = 'mount -t tmpfs -o size="$2" none "$1" && echo mounted && read line'


class SmallDisk(NamedTuple):
    """`folder`: its place as the program sees it. `entered` goes in front of the program's command."""

    folder: Path
    pid: int

    @property
    def entered(self) -> tuple[str, ...]:
        within = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
        return ("nsenter", "--target", str(self.pid), "--mount", *within, "--wd=.")

    @property
    def outside(self) -> Path:
        """The same place as the test sees it."""
        return Path(f"/proc/{self.pid}/root{self.folder}")

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is left while entered."""
        ballast = self.outside / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert os.statvfs(ballast).f_bavail == 0
        yield
        ballast.unlink()


@contextlib.asynccontextmanager
async def small_disk(folder: Path, size: str = "24m") -> AsyncIterator[SmallDisk]:
    """Mounted over an empty folder, which is made."""
    await asyncio.to_thread(folder.mkdir)
    hold = [*unshare(), "sh", "-c", _HOLD, "sh", str(folder), size]
    process = await asyncio.create_subprocess_exec(*hold, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"mounted\n"
        yield SmallDisk(folder, process.pid)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
