"""A disk of a few MiB that a program sees and a test fills or breaks: mounted in a mount namespace of its own.

Needs Linux, and root or user namespaces; one with ext4 needs root and a loop device.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.private_system import unshare

_HOLD = 'mount "$@" && echo mounted && read line'


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

    def run(self, *command: str | Path) -> None:
        """A command that sees the disk, such as another `mount`. Raises subprocess.CalledProcessError."""
        subprocess.run([*self.entered, *command], check=True, capture_output=True)

    @contextlib.contextmanager
    def immutable(self, *names: str) -> Iterator[None]:
        """These files of an ext4 take nothing while entered, also from who has them open (chattr(1))."""
        files = [self.outside / name for name in names]
        subprocess.run(["chattr", "+i", *files], check=True)
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", *files], check=True)

    def break_down(self) -> None:
        """As an ext4 is after an error of the disk: read-only under everybody, until it is mounted anew (ext4(5))."""
        self.run("mount", "-o", "remount,abort", self.folder)

    def repair(self, image: Path) -> None:
        """What an administrator does then; nobody has a file of it open."""
        self.run("umount", self.folder)
        done = subprocess.run(["e2fsck", "-fp", image], check=False, capture_output=True)
        assert done.returncode in (0, 1), done.stdout  # 1: errors were mended, e2fsck(8)
        self.run("mount", *_EXT4, image, self.folder)


_EXT4 = ("-o", "loop,errors=remount-ro")


@contextlib.asynccontextmanager
async def small_disk(folder: Path, size: str = "24m") -> AsyncIterator[SmallDisk]:
    """Memory, mounted over an empty folder, which is made."""
    async with _mounted(folder, "-t", "tmpfs", "-o", f"size={size}", "none") as disk:
        yield disk


@contextlib.asynccontextmanager
async def ext4_disk(folder: Path, image: Path) -> AsyncIterator[SmallDisk]:
    """A file with an ext4, which is made, mounted over an empty folder, which is made, too."""
    await asyncio.to_thread(_format, image)
    async with _mounted(folder, *_EXT4, str(image)) as disk:
        yield disk


@contextlib.asynccontextmanager
async def _mounted(folder: Path, *what: str) -> AsyncIterator[SmallDisk]:
    await asyncio.to_thread(folder.mkdir)
    hold = [*unshare(), "sh", "-c", _HOLD, "sh", *what, str(folder)]
    process = await asyncio.create_subprocess_exec(*hold, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"mounted\n"
        yield SmallDisk(folder, process.pid)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def _format(image: Path) -> None:
    with image.open("wb") as file:
        file.truncate(24 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)


@cache
def ext4_available() -> bool:
    """Whether a file can be mounted here."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            _format(Path(folder, "image"))
            mounting = [*unshare(), "mount", *_EXT4, f"{folder}/image", "/mnt"]
            return subprocess.run(mounting, check=False, capture_output=True).returncode == 0
        except (OSError, subprocess.CalledProcessError):
            return False
