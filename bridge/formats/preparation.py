"""What documents need before and after the card host: an upload's file, the worker for XML and PDF, a file for what is
too long for a reply. The daemon itself reads none of it; it joins bytes that it was given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from bridge.errors import DocumentNotKept, DocumentUnknown
from bridge.formats.batch import Batch, Room, results
from bridge.formats.worker import Worker
from bridge.progress import Progress
from bridge.requested import SignDocuments


class Shelf(Protocol):
    """Where documents and results lie."""

    def room(self, origin: str, results: int) -> Room:
        """For one request of the origin's, which is to have so many results. Raises RateLimited."""
        ...


class Preparation:
    """Of the requests of one daemon, or of one command."""

    def __init__(self, shelf: Shelf, worker: Worker | None = None) -> None:
        self._shelf = shelf
        self._worker = Worker() if worker is None else worker

    @asynccontextmanager
    async def of(self, origin: str, request: SignDocuments, holder: str, progress: Progress) -> AsyncIterator[Batch]:
        """Every document made ready, before anybody is asked; what was written for it goes at the end.

        `holder`: the certificate's, where it is known by now; what is to be seen on a page shows it.

        Raises RateLimited, DocumentUnknown, DocumentNotKept, TooLarge, and what `Worker.each` raises.
        """
        room, done = self._shelf.room(origin, results(request.documents)), False
        try:
            batch = Batch(request.documents, room, self._worker, holder, progress)
            await batch.prepare()
            yield batch
            done = True
        finally:
            room.close(keep=done)


class NoShelf:
    """Stands where no documents are signed. Raises DocumentUnknown."""

    def room(self, origin: str, results: int) -> Room:
        return _NoRoom()


class _NoRoom:
    def path(self, handle: str) -> Path:
        raise DocumentUnknown("nothing is uploaded here")

    def place(self, size: int) -> Path:
        raise DocumentNotKept("nothing is kept here")

    def weigh(self, made: Path) -> None:
        """Nothing is made here."""

    def clear(self, made: Path) -> None:
        """Likewise."""

    async def adopt(self, made: Path) -> dict[str, Any]:
        raise DocumentNotKept("nothing is kept here")

    def close(self, *, keep: bool) -> None:
        """Nothing lies here."""
