"""The documents of one request: made ready for the card host, and finished with what it signed."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from bridge.errors import BridgeError, DocumentUnknown
from bridge.formats import files, signatures
from bridge.formats.order import Command, Order
from bridge.formats.worker import Run, Stage, Worker
from bridge.progress import Progress
from bridge.requested import Document, Format

_BY_WORKER = frozenset({Format.PADES, Format.XADES})
_INSIDE = _BY_WORKER | {Format.CADES_ATTACHED}
_FILES = frozenset({"document", "path"})
T = TypeVar("T")
_ADDED = 64 << 10
"""Bytes that a signature adds to its document about."""
Signature = dict[str, Any]
"""One of the card host's reply (docs/protocol.md, The card host's pipe)."""


class Room(Protocol):
    """Where one request's documents lie, and what is made of them, until it is closed."""

    def path(self, handle: str) -> Path:
        """Of a document, which stays as long. Raises DocumentUnknown."""
        ...

    def place(self, size: int) -> Path:
        """For a file of about so many bytes that is to be made. Raises TooLarge, DocumentNotKept."""
        ...

    def weigh(self, made: Path) -> None:
        """It is made, and counts for as long as it is. Raises TooLarge."""
        ...

    def clear(self, made: Path) -> None:
        """It has no use any more."""
        ...

    async def adopt(self, made: Path) -> dict[str, Any]:
        """A file at such a place, to be fetched: `{document, size, sha256}`. Raises DocumentNotKept."""
        ...

    def close(self, *, keep: bool) -> None:
        """`keep`: what was adopted; else nobody has heard of it."""
        ...


class Ready(NamedTuple):
    """One document, as far as it is before the card host has it."""

    asked: Document
    wire: dict[str, Any]
    """For the card host."""
    file: Path | None
    result: Path | None
    """Where it is to lie signed, if its signature can hold it."""
    order: Order | None
    """What the worker prepared it by."""


class Batch:
    def __init__(
        self, documents: Sequence[Document], room: Room, worker: Worker, holder: str, progress: Progress
    ) -> None:
        self._asked = documents
        self._room = room
        self._worker = worker
        self._holder = holder
        self._progress = progress
        self._ready: list[Ready] = []

    @property
    def documents(self) -> list[dict[str, Any]]:
        """As the card host is given them."""
        return [each.wire for each in self._ready]

    async def prepare(self) -> None:
        """As many at a time as there are workers; the first that is refused ends it, and is told by its place."""
        by_worker = [at for at, each in enumerate(self._asked) if each.format in _BY_WORKER]
        ready = dict(zip(by_worker, await self._by_worker(Command.PREPARE, by_worker, self._read), strict=True))
        for at, asked in enumerate(self._asked):
            with _of(at):
                self._ready.append(ready[at] if at in ready else self._unread(asked))

    async def finished(self, made: list[Signature]) -> list[Signature]:
        """The host's signatures as a page gets them. Raises as `Worker.each` and `Room.adopt` do."""
        by_worker = [at for at, each in enumerate(self._ready) if each.order is not None]

        async def put_in(at: int, run: Run) -> Signature:
            return await self._put_in(self._ready[at], made[at], run)

        found = dict(zip(by_worker, await self._by_worker(Command.FINISH, by_worker, put_in), strict=True))
        for at, each in enumerate(self._ready):
            with _of(at):
                found[at] = found[at] if at in found else await self._closed(each, made[at])
        return [found[at] for at in range(len(made))]

    async def _by_worker(
        self, command: Command, places: Sequence[int], do: Callable[[int, Run], Awaitable[T]]
    ) -> list[T]:
        done, total = len(self._asked) - len(places), len(self._asked)
        tell = self._progress.prepared if command is Command.PREPARE else self._progress.finished

        async def one(at: int, run: Run) -> T:
            nonlocal done
            with _of(at):
                result = await do(at, run)
            done += 1
            tell(done, total)
            return result

        formats = frozenset(self._asked[at].format.value for at in places)
        return await self._worker.each(Stage(command, formats), [partial(one, at) for at in places])

    def _unread(self, asked: Document) -> Ready:
        wire = asked.wire()
        if asked.given not in _FILES:
            return Ready(asked, wire, None, None, None)
        file = self._file(asked)
        del wire[asked.given]
        result = self._room.place(_size(file) + _ADDED) if asked.format in _INSIDE else None
        return Ready(asked, {**wire, "path": str(file)}, file, result, None)

    async def _read(self, at: int, run: Run) -> Ready:
        asked = self._asked[at]
        wire = asked.wire()
        del wire[asked.given]
        file = self._file(asked) if asked.given in _FILES else await self._written(asked.value)
        order = self._order(asked, file)
        facts = await run(order)
        if order.prepared.exists():
            self._room.weigh(order.prepared)
        order = order._replace(command=Command.FINISH, facts=facts)
        wire |= {"path": str(file), "prepared": {**facts, "path": str(order.prepared)}}
        return Ready(asked, wire, file, order.result, order)

    def _file(self, asked: Document) -> Path:
        return Path(asked.value) if asked.given == "path" else self._room.path(asked.value)

    async def _written(self, content: str) -> Path:
        """What the worker is to read of a request's own bytes."""
        octets = base64.b64decode(content)
        file = self._room.place(len(octets))
        await asyncio.to_thread(files.write, file, octets)
        return file

    def _order(self, asked: Document, file: Path) -> Order:
        """A PDF is written whole as it is prepared, and then has its signature put in; XML is written once."""
        size = _size(file) + _ADDED
        first, then = (size, 0) if asked.format is Format.PADES else (0, size)
        made = self._room.place(first), self._room.place(then)
        seen = {} if asked.visible is None else asked.visible._replace(name=self._holder).facts()
        return Order(Command.PREPARE, asked.format.value, asked.hash, file, *made, facts=seen)

    async def _put_in(self, ready: Ready, made: Signature, run: Run) -> Signature:
        if ready.order is None:
            raise RuntimeError("no worker prepared it")
        signature = base64.b64decode(made.pop("signature"))
        await run(ready.order._replace(signature=signature))
        result = await self._room.adopt(ready.order.result)
        self._room.clear(ready.order.prepared)
        return {"result": result, **made}

    async def _closed(self, ready: Ready, made: Signature) -> Signature:
        if "around" in made and ready.file is not None and ready.result is not None:
            head, tail = (base64.b64decode(part) for part in made.pop("around"))
            await asyncio.to_thread(files.join, ready.result, head, ready.file, tail, made["sha256"])
            return {"result": await self._room.adopt(ready.result), **made}
        if ready.asked.format is Format.XADES_DETACHED:
            file = signatures.DECLARATION + base64.b64decode(made["signature"])
            return {**made, "signature": base64.b64encode(file).decode()}
        return made


def results(documents: Sequence[Document]) -> int:
    """How many files the request can have as results."""
    attached = [each for each in documents if each.format is Format.CADES_ATTACHED and each.given in _FILES]
    return len(attached) + sum(each.format in _BY_WORKER for each in documents)


@contextmanager
def _of(place: int) -> Iterator[None]:
    """A failure in here is that document's."""
    try:
        yield
    except BridgeError as error:
        error.document = place
        raise


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise DocumentUnknown("a document is not there any more") from error
