"""Documents that a page has handed over beside its requests: files of this daemon's, for ten minutes, for one origin.

A request that uses them keeps them until it ends, and what is made for it counts like them (`workroom`). A document is
hashed and written piece by piece as it comes, so that memory stays flat however long it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

from bridge import logs
from bridge.errors import DocumentNotKept, DocumentUnknown, RateLimited, TooLarge
from bridge.workroom import Workroom

MAX_BYTES = 512 << 20
"""Of one document."""
MAX_ALL_BYTES = 2 << 30
"""Of all that lie here at once."""
MAX_KEPT = 4000
"""Documents of one origin: 500 and their 500 results, four times in ten minutes."""
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
        self._promised: Counter[str] = Counter()
        """Results that requests are to have yet, by origin."""
        self._held: Counter[str] = Counter()
        """By how many requests, by handle."""
        self._bytes = 0
        self._ends: dict[str, asyncio.TimerHandle] = {}

    async def take(self, origin: str, pieces: AsyncIterator[bytes]) -> dict[str, Any]:
        """`{document, size, sha256}`. Raises TooLarge, RateLimited, DocumentNotKept where the disk takes nothing."""
        self._require_room(origin, 1)
        handle = secrets.token_urlsafe(24)
        self._under_way[handle] = origin
        try:
            upload = await self._written(origin, self._folder() / handle, pieces)
        except OSError as error:
            logs.fault("document_not_kept", error)
            raise DocumentNotKept("a document cannot be kept") from error
        finally:
            del self._under_way[handle]
        return self._keep(handle, upload)

    def path(self, origin: str, handle: str) -> Path:
        """Where the document lies. Raises DocumentUnknown: over, or another origin's."""
        upload = self._kept.get(handle)
        if upload is None or upload.origin != origin:
            raise DocumentUnknown("no such document of this origin")
        return upload.path

    def room(self, origin: str, results: int) -> Workroom:
        """For one request, which is to have so many results. Raises RateLimited."""
        self._require_room(origin, results)
        return Workroom(self, origin, results)

    def promise(self, origin: str, results: int) -> None:
        """So many more, or fewer, results of the origin's are to come."""
        self._promised[origin] += results

    def hold(self, origin: str, handle: str) -> Path:
        """Where the document lies, until as many `release` it. Raises DocumentUnknown."""
        path = self.path(origin, handle)
        self._held[handle] += 1
        if (end := self._ends.pop(handle, None)) is not None:
            end.cancel()
        return path

    def release(self, handle: str) -> None:
        """Its time begins anew."""
        self._held[handle] -= 1
        if not self._held[handle]:
            del self._held[handle]
            if handle in self._kept:
                self._begin_to_end(handle)

    def place(self) -> Path:
        """For a file that is to be made: its folder is there, the file not yet. Raises DocumentNotKept."""
        try:
            return self._folder() / secrets.token_urlsafe(24)
        except OSError as error:
            raise DocumentNotKept("a document cannot be kept") from error

    def spend(self, size: int) -> None:
        """Bytes that come. Raises TooLarge."""
        if size > 0 and self._bytes + size > MAX_ALL_BYTES:
            raise TooLarge("too many bytes of documents lie here")
        self._bytes += size

    def count(self, size: int) -> None:
        """Bytes that are there already, or are gone."""
        self._bytes += size

    def adopt(self, origin: str, made: Path, told: dict[str, Any]) -> dict[str, Any]:
        """A file that was made at such a place, and counts already, is from now on a document of the origin's."""
        return self._keep(told["document"], Upload(origin, made, told["size"], told["sha256"]))

    def forget(self, origin: str) -> None:
        """The origin may call no longer."""
        for handle in [handle for handle, upload in self._kept.items() if upload.origin == origin]:
            self.drop(handle)

    def close(self) -> None:
        for end in self._ends.values():
            end.cancel()
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def _require_room(self, origin: str, more: int) -> None:
        mine = Counter([*self._under_way.values(), *(kept.origin for kept in self._kept.values())])
        if mine[origin] + self._promised[origin] + more > MAX_KEPT:
            raise RateLimited("too many documents of one origin")

    def _keep(self, handle: str, upload: Upload) -> dict[str, Any]:
        self._kept[handle] = upload
        self._begin_to_end(handle)
        return upload.wire(handle)

    def _begin_to_end(self, handle: str) -> None:
        self._ends[handle] = asyncio.get_running_loop().call_later(KEPT_SECONDS, self.drop, handle)

    async def _written(self, origin: str, path: Path, pieces: AsyncIterator[bytes]) -> Upload:
        digest, size = hashlib.sha256(), 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                async for piece in _gathered(pieces):
                    if size + len(piece) > self._max_bytes:
                        raise TooLarge(f"a document has at most {self._max_bytes} bytes")
                    self.spend(len(piece))
                    size += len(piece)
                    await asyncio.to_thread(_add, file, digest, piece)
        except BaseException:
            self._bytes -= size
            _remove(path)
            raise
        return Upload(origin, path, size, digest.hexdigest())

    def _folder(self) -> Path:
        if self._own is None:
            self._own = self._shared / secrets.token_hex(8)
            self._own.mkdir(parents=True, mode=0o700)
            _remove_leftovers(self._shared, self._own)
        return self._own

    def drop(self, handle: str) -> None:
        """Nothing where its origin was forgotten meanwhile."""
        upload = self._kept.pop(handle, None)
        if upload is None:
            return
        if (end := self._ends.pop(handle, None)) is not None:
            end.cancel()
        self._bytes -= upload.size
        _remove(upload.path)


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
