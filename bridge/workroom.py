"""Where one request's documents lie while it runs, and what is made of them: held, counted and cleared with it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from pathlib import Path
from typing import Any, Protocol

from bridge.errors import DocumentNotKept
from bridge.formats import files


class Uploads(Protocol):
    """What a room needs of them (`uploads`)."""

    def hold(self, origin: str, handle: str) -> Path: ...
    def release(self, handle: str) -> None: ...
    def drop(self, handle: str) -> None: ...
    def promise(self, origin: str, results: int) -> None: ...
    def spend(self, size: int) -> None: ...
    def count(self, size: int) -> None: ...
    def place(self) -> Path: ...
    def adopt(self, origin: str, made: Path, told: dict[str, Any]) -> dict[str, Any]: ...


class Workroom:
    """`formats.batch.Room`. Its documents' and results' ten minutes begin when it is closed."""

    def __init__(self, uploads: Uploads, origin: str, results: int) -> None:
        self._uploads = uploads
        self._origin = origin
        self._promised = results
        self._held: list[str] = []
        self._results: list[str] = []
        self._made: dict[Path, int] = {}
        """What counts of each."""
        uploads.promise(origin, results)

    def path(self, handle: str) -> Path:
        """Raises DocumentUnknown."""
        path = self._uploads.hold(self._origin, handle)
        self._held.append(handle)
        return path

    def place(self, size: int) -> Path:
        """Raises TooLarge, DocumentNotKept."""
        self._uploads.spend(size)
        self._made[place := self._uploads.place()] = size
        return place

    def weigh(self, made: Path) -> None:
        """Raises TooLarge."""
        size = made.stat().st_size
        self._uploads.spend(size - self._made[made])
        self._made[made] = size

    def clear(self, made: Path) -> None:
        self._uploads.count(-self._made.pop(made))
        with contextlib.suppress(OSError):  # on Windows while somebody reads it; it goes with the folder
            made.unlink(missing_ok=True)

    async def adopt(self, made: Path) -> dict[str, Any]:
        """Raises DocumentNotKept."""
        try:
            told = await asyncio.to_thread(files.told, secrets.token_urlsafe(24), made)
        except OSError as error:
            raise DocumentNotKept("a signed document cannot be read again") from error
        # Unasked: it is signed by now, and a signature inside may make XML longer than was thought.
        self._uploads.count(told["size"] - self._made.pop(made))
        self._uploads.promise(self._origin, -1)
        self._promised -= 1
        given = self._uploads.adopt(self._origin, made, told)
        self._results.append(given["document"])
        self.path(given["document"])
        return given

    def close(self, *, keep: bool) -> None:
        """What is no document of the origin's by now goes, and its results unless they are to be kept."""
        self._uploads.promise(self._origin, -self._promised)
        for made in list(self._made):
            self.clear(made)
        for handle in self._held:
            self._uploads.release(handle)
        for handle in [] if keep else self._results:
            self._uploads.drop(handle)
