"""What documents need before and after the card host: an upload's file, the worker for XML and PDF, a file for what is
too long for a reply. The daemon itself reads none of it; it joins bytes that it was given.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from bridge.errors import DocumentNotKept, DocumentUnknown
from bridge.formats import signatures
from bridge.formats.order import Command, Order
from bridge.formats.worker import Worker
from bridge.requested import Document, Format, SignDocuments

_PIECE = 1 << 20
_BY_WORKER = frozenset({Format.PADES, Format.XADES})
Signature = dict[str, Any]
"""One of the card host's reply (docs/protocol.md, The card host's pipe)."""


class Shelf(Protocol):
    """Where documents and results lie."""

    def path(self, origin: str, handle: str) -> Path:
        """Raises DocumentUnknown."""
        ...

    def place(self) -> Path:
        """For a file that is to be made. Raises DocumentNotKept."""
        ...

    async def adopt(self, origin: str, made: Path) -> dict[str, Any]:
        """Such a file, to be fetched: `{document, size, sha256}`. Raises TooLarge, RateLimited, DocumentNotKept."""
        ...


class Ready(NamedTuple):
    """One document, as far as it is before the card host has it."""

    asked: Document
    wire: dict[str, Any]
    """For the card host."""
    file: Path | None
    order: Order | None
    """What the worker prepared it by."""


class Preparation:
    """Of the requests of one daemon, or of one command."""

    def __init__(self, shelf: Shelf, worker: Worker | None = None) -> None:
        self._shelf = shelf
        self._worker = Worker() if worker is None else worker

    @asynccontextmanager
    async def of(self, origin: str, request: SignDocuments, holder: str) -> AsyncIterator[Work]:
        """Every document made ready, before anybody is asked; what was written for it goes at the end.

        `holder`: the certificate's, where it is known by now; what is to be seen on a page shows it.

        Raises DocumentUnknown, DocumentNotKept, and what `Worker.run` raises.
        """
        work = Work(origin, self._shelf, self._worker, holder)
        try:
            await work.prepare(request.documents)
            yield work
        finally:
            work.clear()


class Work:
    """The documents of one request."""

    def __init__(self, origin: str, shelf: Shelf, worker: Worker, holder: str) -> None:
        self._origin = origin
        self._shelf = shelf
        self._worker = worker
        self._holder = holder
        self._ready: list[Ready] = []
        self._scratch: list[Path] = []

    @property
    def documents(self) -> list[dict[str, Any]]:
        """As the card host is given them."""
        return [each.wire for each in self._ready]

    async def prepare(self, documents: Sequence[Document]) -> None:
        """As many at a time as the worker takes; the first that is refused ends it."""
        under_way = [asyncio.ensure_future(self._prepared(each)) for each in documents]
        try:
            self._ready += await asyncio.gather(*under_way)
        finally:
            for each in under_way:
                each.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)  # what they write is gone before its place is

    async def _prepared(self, asked: Document) -> Ready:
        wire = asked.wire()
        file = await self._file(asked)
        if file is not None:
            wire.pop(asked.given)
            wire["path"] = str(file)
        order = None if asked.format not in _BY_WORKER or file is None else self._order(asked, file)
        if order is not None:
            facts = await self._worker.run(order)
            order = order._replace(command=Command.FINISH, facts=facts)
            wire["prepared"] = {**facts, "path": str(order.prepared)}
        return Ready(asked, wire, file, order)

    async def finished(self, made: list[Signature]) -> list[Signature]:
        """The host's signatures as a page gets them. Raises as `Worker.run` and `Shelf.adopt` do."""
        pairs = zip(self._ready, made, strict=True)
        return [await self._finished(*pair) for pair in pairs]

    def clear(self) -> None:
        for path in self._scratch:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    async def _file(self, asked: Document) -> Path | None:
        """Where the document lies; what the worker is to read is written for it."""
        match asked.given:
            case "document":
                return self._shelf.path(self._origin, asked.value)
            case "path":
                return Path(asked.value)
            case "content" if asked.format in _BY_WORKER:
                file = self._place()
                await asyncio.to_thread(_write, file, base64.b64decode(asked.value))
                return file
        return None

    def _order(self, asked: Document, file: Path) -> Order:
        made = self._place(), self._place()
        seen = {} if asked.visible is None else asked.visible._replace(name=self._holder).facts()
        return Order(Command.PREPARE, asked.format.value, asked.hash, file, *made, facts=seen)

    def _place(self) -> Path:
        self._scratch.append(place := self._shelf.place())
        return place

    async def _finished(self, ready: Ready, made: Signature) -> Signature:
        if ready.order is not None:
            signature = base64.b64decode(made.pop("signature"))
            await self._worker.run(ready.order._replace(signature=signature))
            return {"result": await self._shelf.adopt(self._origin, ready.order.result), **made}
        if "around" in made and ready.file is not None:
            head, tail = (base64.b64decode(part) for part in made.pop("around"))
            result = self._place()
            await asyncio.to_thread(_join, result, head, ready.file, tail, made["sha256"])
            return {"result": await self._shelf.adopt(self._origin, result), **made}
        if ready.asked.format is Format.XADES_DETACHED:
            file = signatures.DECLARATION + base64.b64decode(made["signature"])
            return {**made, "signature": base64.b64encode(file).decode()}
        return made


def _write(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, _NEW, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise DocumentNotKept("a document cannot be kept") from error


def _join(result: Path, head: bytes, document: Path, tail: bytes, sha256: str) -> None:
    """A CMS around its document. Raises DocumentUnknown when that is not what was signed any more."""
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(result, _NEW, 0o600), "wb") as file, document.open("rb", buffering=0) as content:
            file.write(head)
            while piece := content.read(_PIECE):
                digest.update(piece)
                file.write(piece)
            file.write(tail)
    except OSError as error:
        raise DocumentNotKept("a signed document cannot be kept") from error
    if digest.hexdigest() != sha256:
        raise DocumentUnknown("a document changed while it was signed")


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class NoShelf:
    """Stands where no documents are signed. Raises DocumentUnknown."""

    def path(self, origin: str, handle: str) -> Path:
        raise DocumentUnknown("nothing is uploaded here")

    def place(self) -> Path:
        raise DocumentNotKept("nothing is kept here")

    async def adopt(self, origin: str, made: Path) -> dict[str, Any]:
        raise DocumentNotKept("nothing is kept here")
