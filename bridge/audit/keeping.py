"""The daemon's side of the record: a line for each request that asked a card or a person, before its answer leaves.

A signature, or an open PIN session, whose line cannot be written does not leave: `audit_failed`, and as far as that can
be known beforehand no window opens for it (docs/decisions/0018-audit-record.md). What else is not written is logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bridge import logs
from bridge.audit import entries, receipt
from bridge.audit.chain import Line
from bridge.audit.entries import Entry
from bridge.audit.reading import SIGNATURES
from bridge.audit.record import Held, NotWritten, Record
from bridge.errors import AuditFailed, BridgeError
from bridge.messages import Request
from bridge.progress import Progress

REPEAT_SECONDS = 600.0
"""What a page can bring about alone is written once in this time."""
SYNC_SECONDS = 1.0
"""How long after a line the disk is told to keep it: off the event loop, and off a signature's way."""
_ATTEMPTS, _PAUSE_SECONDS = 400, 0.005
"""Two seconds for another program that writes."""

Answer = dict[str, Any]


class Audit:
    def __init__(self, record: Record, clock: Callable[[], float]) -> None:
        """`clock`: monotonic seconds."""
        self._record = record
        self._clock = clock
        self.on_signed: Callable[[Line], None] = lambda line: None
        """Told each signature's line."""
        self._repeats: dict[str, float] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._syncing: asyncio.TimerHandle | None = None

    async def kept(
        self,
        origin: str,
        request: Request,
        work: Callable[[], Awaitable[Answer]],
        undo: Callable[[Answer], Awaitable[None]],
        progress: Progress,
    ) -> Answer:
        """What `work` answers, once its lines are written. Raises AuditFailed, and what `work` raises.

        `undo` takes an answer back that may not leave; `progress` tells what was signed of it by then.
        """
        if entries.opens_key(request):
            self._require_ready()
        try:
            answer = await work()
        except BridgeError as error:
            self.note(entries.refused(origin, request, error, progress.made))
            raise
        except asyncio.CancelledError:
            self.note(entries.abandoned(origin, request, progress.made))
            raise
        if not entries.opens_key(request):
            for entry in entries.answered(origin, request, answer):
                self.note(entry)
            return answer
        return await self._with_lines(origin, request, answer, undo)

    def note(self, entry: Entry | None) -> None:
        """Write what nobody waits for, now or as soon as the file is free."""
        if entry is None or (entry.by_page and self._is_repeat(entry)):
            return
        try:
            self._append(entry)
        except Held:
            self._in_background(self._later(entry))
        except NotWritten as error:
            logs.fault("audit_not_written", error)

    async def close(self) -> None:
        """Everything noted is on the disk then."""
        await asyncio.gather(*self._working)
        if self._syncing is not None:
            self._syncing.cancel()
        await asyncio.to_thread(self._sync, self._record.unsynced())
        self._record.close()

    def _require_ready(self) -> None:
        try:
            self._record.ready()
        except NotWritten as error:
            logs.fault("audit_not_ready", error)
            raise AuditFailed(str(error)) from error

    async def _with_lines(
        self, origin: str, request: Request, answer: Answer, undo: Callable[[Answer], Awaitable[None]]
    ) -> Answer:
        try:
            lines = [await self._write(entry) for entry in entries.answered(origin, request, answer)]
        except (NotWritten, asyncio.CancelledError) as error:
            await undo(answer)
            if isinstance(error, asyncio.CancelledError):
                raise
            logs.fault("audit_not_written", error)
            raise AuditFailed(str(error)) from error
        answer.pop("sha256", None)
        signed = [line for line in lines if line.event in SIGNATURES]
        for line in signed:
            self.on_signed(line)
        return _with_receipts(answer, [receipt.of(line, numbered=False).wire() for line in signed])

    async def _write(self, entry: Entry) -> Line:
        """Raises NotWritten."""
        for _ in range(_ATTEMPTS):
            try:
                return self._append(entry)
            except Held:
                await asyncio.sleep(_PAUSE_SECONDS)
        raise NotWritten("another program holds the record")

    async def _later(self, entry: Entry) -> None:
        try:
            await self._write(entry)
        except NotWritten as error:
            logs.fault("audit_not_written", error)

    def _append(self, entry: Entry) -> Line:
        line = self._record.append(entry.event, entry.facts)
        if self._syncing is None:
            self._syncing = asyncio.get_running_loop().call_later(SYNC_SECONDS, self._begin_sync)
        return line

    def _begin_sync(self) -> None:
        self._syncing = None
        self._in_background(asyncio.to_thread(self._sync, self._record.unsynced()))

    def _sync(self, files: frozenset[int]) -> None:
        try:
            self._record.sync(files)
        except OSError as error:
            logs.fault("audit_not_synced", error)

    def _is_repeat(self, entry: Entry) -> bool:
        """Whether the same was written lately. Certificates that a page makes up are not told apart."""
        now = self._clock()
        self._repeats = {key: until for key, until in self._repeats.items() if until > now}
        named = {name: value for name, value in entry.facts.items() if name in _TELLING}
        key = f"{entry.event} {named}"
        if key in self._repeats:
            return True
        self._repeats[key] = now + REPEAT_SECONDS
        return False

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)


def _with_receipts(answer: Answer, receipts: list[Answer]) -> Answer:
    """Each signature with its own."""
    if "signatures" not in answer:
        return {**answer, "receipt": receipts[0]} if receipts else answer
    pairs = zip(answer["signatures"], receipts, strict=True)
    return {**answer, "signatures": [{**signature, "receipt": given} for signature, given in pairs]}


_TELLING = frozenset({"origin", "purpose", "all", "told", "outcome"})
