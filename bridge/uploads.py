"""Documents that a page has handed over beside its requests: files of this daemon's, for ten minutes, for one origin.

A document is hashed and written piece by piece as it comes, so that memory stays flat however long it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

from bridge import logs
from bridge.errors import DocumentNotKept, DocumentUnknown, RateLimited, TooLarge

MAX_BYTES = 512 << 20
"""Of one document."""
MAX_ALL_BYTES = 2 << 30
"""Of all that lie here at once."""
MAX_KEPT = 1000
"""Documents of one origin."""
KEPT_SECONDS = 600.0
_PIECE = 1 << 20
_LEFT_OVER_SECONDS = 2 * KEPT_SECONDS
"""A folder that nothing was put into for so long is a daemon's that was killed."""


class Upload(NamedTuple):
    origin: str
    path: Path
    size: int
    sha256: str

    def wire(self, handle: str) -> dict[str, Any]:
        return {"document": handle, "size": self.size, "sha256": self.sha256}


class Uploads:
    """Used on the event loop; the disk is waited for in threads."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        """`folder` may be shared: every daemon has one of its own in it, made when it is needed."""
        self._shared = folder
        self._own: Path | None = None
        self._max_bytes = max_bytes
        self._kept: dict[str, Upload] = {}
        self._under_way: dict[str, str] = {}
        """Origins of those that are coming in, by handle."""
        self._bytes = 0
        self._ends: dict[str, asyncio.TimerHandle] = {}

    async def take(self, origin: str, pieces: AsyncIterator[bytes]) -> dict[str, Any]:
        """`{document, size, sha256}`. Raises TooLarge, RateLimited, DocumentNotKept where the disk takes nothing."""
        mine = [*self._under_way.values(), *(kept.origin for kept in self._kept.values())]
        if mine.count(origin) >= MAX_KEPT:
            raise RateLimited("too many documents of one origin")
        handle = secrets.token_urlsafe(24)
        self._under_way[handle] = origin
        try:
            upload = await self._written(origin, self._folder() / handle, pieces)
        except OSError as error:
            logs.fault("document_not_kept", error)
            raise DocumentNotKept("a document cannot be kept") from error
        finally:
            del self._under_way[handle]
        self._kept[handle] = upload
        self._ends[handle] = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._drop, handle)
        return upload.wire(handle)

    def path(self, origin: str, handle: str) -> Path:
        """Where the document lies. Raises DocumentUnknown: over, or another origin's."""
        upload = self._kept.get(handle)
        if upload is None or upload.origin != origin:
            raise DocumentUnknown("no such document of this origin")
        return upload.path

    def place(self) -> Path:
        """For a file that is to be made: its folder is there, the file not yet. Raises DocumentNotKept."""
        try:
            return self._folder() / secrets.token_urlsafe(24)
        except OSError as error:
            raise DocumentNotKept("a document cannot be kept") from error

    async def adopt(self, origin: str, made: Path) -> dict[str, Any]:
        """A file that was made at such a place is from now on a document of the origin's, like one that it sent.

        Raises TooLarge, RateLimited, DocumentNotKept.
        """
        try:
            return await self.take(origin, _read(made))
        finally:
            _remove(made)

    def forget(self, origin: str) -> None:
        """The origin may call no longer."""
        for handle in [handle for handle, upload in self._kept.items() if upload.origin == origin]:
            self._drop(handle)

    def close(self) -> None:
        for end in self._ends.values():
            end.cancel()
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    async def _written(self, origin: str, path: Path, pieces: AsyncIterator[bytes]) -> Upload:
        digest, size = hashlib.sha256(), 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                async for piece in _gathered(pieces):
                    self._spend(size, len(piece))
                    size += len(piece)
                    await asyncio.to_thread(_add, file, digest, piece)
        except BaseException:
            self._bytes -= size
            _remove(path)
            raise
        return Upload(origin, path, size, digest.hexdigest())

    def _spend(self, size: int, more: int) -> None:
        if size + more > self._max_bytes:
            raise TooLarge(f"a document has at most {self._max_bytes} bytes")
        if self._bytes + more > MAX_ALL_BYTES:
            raise TooLarge("too many bytes of documents lie here")
        self._bytes += more

    def _folder(self) -> Path:
        if self._own is None:
            self._own = self._shared / secrets.token_hex(8)
            self._own.mkdir(parents=True, mode=0o700)
            _remove_leftovers(self._shared, self._own)
        return self._own

    def _drop(self, handle: str) -> None:
        upload = self._kept.pop(handle)
        self._ends.pop(handle).cancel()
        self._bytes -= upload.size
        _remove(upload.path)


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # on Windows while the card host reads it; it goes with the folder
        path.unlink(missing_ok=True)


def _add(file: Any, digest: Any, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]
    digest.update(piece)


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Larger pieces: a thread's turn costs more than writing what one packet brings."""
    gathered = bytearray()
    async for piece in pieces:
        gathered += piece
        if len(gathered) >= _PIECE:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def _remove_leftovers(shared: Path, own: Path) -> None:
    for folder in shared.iterdir():
        with contextlib.suppress(OSError):
            if folder != own and folder.stat().st_mtime < time.time() - _LEFT_OVER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
