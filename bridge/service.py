"""The use cases of the daemon, free of HTTP: who asks (an allowed origin), what (a parsed request), what comes back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, Protocol

from bridge import listed, logs
from bridge.audit import entries
from bridge.audit.keeping import Audit
from bridge.cancels import Cancels
from bridge.card.practice import slot as practice_slot
from bridge.choices import Choices, Chosen
from bridge.desk import Desk
from bridge.errors import (
    BridgeError,
    CardUnknown,
    NoCard,
    NoCertificate,
    NoReader,
)
from bridge.formats.preparation import NoShelf, Preparation
from bridge.messages import METHODS, UPLOAD, Certificates, Connect, Diagnose, PinClose, PinOpen, Readers, Request, Sign
from bridge.progress import Progress
from bridge.readers import events as reader_events
from bridge.readers import told
from bridge.readers.known import KnownCards
from bridge.readers.state import ReaderState
from bridge.requested import SignDocuments
from bridge.version import NAME, VERSION

API = 1
WATCH_LAG_SECONDS = 0.7

Event = reader_events.Event
Listener = Callable[[Event], object]
Ask = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Host(Protocol):
    """What the service needs of the card host's client."""

    @property
    def running(self) -> bool: ...
    @property
    def pin_sessions(self) -> dict[str, str]: ...
    async def call(self, method: str, params: dict[str, Any], progress: Progress = ...) -> dict[str, Any]: ...
    async def notify(self, method: str) -> None: ...


class Clocks(NamedTuple):
    now: Callable[[], datetime]
    monotonic: Callable[[], float]


class Service:
    def __init__(
        self,
        host: Host,
        clocks: Clocks,
        choices: Choices,
        diagnose: Callable[[], list[dict[str, Any]]],
        desk: Desk,
        audit: Audit,
    ) -> None:
        self._host = host
        self._choices = choices
        self._clocks = clocks
        self._diagnose = diagnose
        self._desk = desk
        self._audit = audit
        self._readers: tuple[ReaderState, ...] = ()
        self.look_again: Callable[[], bool] = lambda: False
        """Has the watch look for a PC/SC service that it has lost; False when it has lost none."""
        self.preparation = Preparation(NoShelf())
        self._moved = asyncio.Event()
        """Set at the next change of readers or cards."""
        self.cards = KnownCards()
        self._listeners: dict[Listener, str] = {}
        self._cancels = Cancels(clocks.monotonic)

    async def answer(self, origin: str, request: Request, progress: Progress | None = None) -> dict[str, Any]:
        """One request of an allowed origin, and its lines in the record. Raises BridgeError."""
        progress = Progress() if progress is None else progress
        work = partial(self._answer, origin, request, progress)
        return await self._audit.kept(origin, request, work, self._take_back, progress)

    async def _answer(self, origin: str, request: Request, progress: Progress) -> dict[str, Any]:
        match request:
            case Connect():
                return self.connect(origin)
            case Readers():
                return {"readers": [told.wire(state, self.cards.wire(state.name)) for state in self._readers]}
            case Diagnose():
                return {"checks": self.diagnosis()}
            case Certificates():
                return await self._certificates(origin, request)
            case PinOpen():
                return await self._open_pin(origin, request)
            case PinClose():
                return await self._close_pin(origin, request)
            case Sign() | SignDocuments():
                return await self._sign(origin, request, progress)

    def diagnosis(self) -> list[dict[str, Any]]:
        """The doctor's lines that concern a page: reader, card, versions; nothing personal."""
        return self._diagnose()

    def connect(self, origin: str) -> dict[str, Any]:
        return {
            "bridge": {"name": NAME, "version": VERSION, "api": API},
            "origin": origin,
            "methods": [*METHODS, UPLOAD],
        }

    def subscribe(self, origin: str, listener: Listener) -> Callable[[], None]:
        """Events for one socket of an allowed origin; call the result to end it."""
        self._listeners[listener] = origin

        def unsubscribe() -> None:
            self._listeners.pop(listener, None)

        return unsubscribe

    def take_host_event(self, event: Event) -> None:
        match event:
            case {"event": "pinSessionEnded", "origin": origin, "pinSession": handle, "reason": reason}:
                self._audit.note(entries.session_ended(origin, handle, reason))
                self._tell({"event": "pinSessionEnded", "pinSession": handle, "reason": reason}, to=origin)
            case {"event": "triesChanged", "reader": reader, "profile": profile, "tries": tries, "nearlyLocked": near}:
                self.cards.tries(reader, profile, {"tries": tries, "nearlyLocked": near})
                self._tell({"event": "triesChanged", "reader": reader, "profile": profile, "tries": tries})

    async def read_cards(self) -> None:
        """Learn it now, for the person at the desk. Raises Busy while a window is open, NoReader, NoCard and others."""
        await self._certificates("", Certificates(purpose=None, all=True))

    async def readers_changed(self, states: tuple[ReaderState, ...]) -> None:
        """The operating system saw a reader or a card come or go."""
        before, self._readers = self._readers, states
        self._moved.set()
        self._moved = asyncio.Event()
        for event in reader_events.between(before, states):
            if event["event"] != "readerAdded":
                self.cards.gone(event["reader"])
            self._tell(event)
        if self._host.running:
            await self._host.notify("tidy")

    async def withdraw(self, origin: str) -> None:
        """This origin may call no longer: what it unlocked is locked again, and what was chosen for it forgotten."""
        self._keep_choices(lambda: self._choices.forget(origin))
        if origin in self._host.pin_sessions.values():
            await self._host.notify("forget")

    async def _certificates(self, origin: str, request: Certificates) -> dict[str, Any]:
        tokens = (await self._ask("certificates", {}))["tokens"]
        self.cards.learn(tokens)
        found = [item for token in tokens for item in token["certificates"]]
        if not found:
            raise await self._nothing_found()
        wanted = [item for item in found if request.purpose in (None, listed.purpose(item))]
        if request.all:
            return {"certificates": wanted}
        usable = listed.usable_first(wanted)
        if sum(map(listed.selectable, usable)) > 1:
            usable = await self._chosen(origin, request.purpose, usable)
        return {"certificates": usable}

    async def _chosen(self, origin: str, purpose: str | None, usable: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The person's choice of several for this origin: remembered, or asked for now."""
        by_key = {listed.key(item): item for item in usable}
        known = self._choices.find(origin, purpose or "any")
        if known in by_key:
            return [by_key[known]]
        answer = await self._ask_person(origin, "certificates/choose", {"origin": origin, "purpose": purpose})
        if answer["chosen"] not in by_key:
            raise NoCertificate("the cards were exchanged while the person chose")
        if answer["remember"]:
            chosen = Chosen(origin, purpose or "any", answer["chosen"])
            self._keep_choices(lambda: self._choices.remember(chosen))
        return [by_key[answer["chosen"]]]

    def _keep_choices(self, change: Callable[[], object]) -> None:
        """A disk that takes nothing is logged; what a page asked for goes on."""
        try:
            change()
        except OSError as error:
            logs.fault("choices_not_kept", error)

    async def _open_pin(self, origin: str, request: PinOpen) -> dict[str, Any]:
        which = {"card": request.card} if request.card else {"certificate": request.certificate}
        params = {"origin": origin, **which, "action": request.action}
        return self._dated(await self._ask_person(origin, "pin/open", params))

    async def _close_pin(self, origin: str, request: PinClose) -> dict[str, Any]:
        if self._host.pin_sessions.get(request.pin_session) != origin:
            return {}
        return await self._ask("pin/close", {"origin": origin, "pinSession": request.pin_session})

    async def _take_back(self, result: dict[str, Any]) -> None:
        """An answer that does not leave opens nothing."""
        if (origin := self._host.pin_sessions.get(handle := result.get("pinSession", ""))) is not None:
            with contextlib.suppress(BridgeError):
                await self._ask("pin/close", {"origin": origin, "pinSession": handle})

    async def _sign(self, origin: str, request: Sign | SignDocuments, progress: Progress) -> dict[str, Any]:
        params = {
            "origin": origin,
            "certificate": request.certificate,
            "pinSession": request.pin_session,
            "keepPinSession": request.keep_pin_session,
        }
        ask = partial(self._ask_person, origin, "sign", progress=progress)
        if isinstance(request, Sign):
            result = await ask({**params, "statement": request.statement.wire()})
        else:
            result = await self._sign_documents(origin, request, lambda work: ask({**params, **work}), progress)
        facts = {"origin": origin, "type": request.kind, "certificate": request.certificate}
        # In the loop's next turn: the reply does not wait for a line on the disk.
        asyncio.get_running_loop().call_soon(partial(logs.info, "signed", **facts))
        return self._dated(result)

    async def _sign_documents(
        self, origin: str, request: SignDocuments, ask: Ask, progress: Progress
    ) -> dict[str, Any]:
        self._cancels.require_few(origin)  # said before hundreds of documents are read
        async with self.preparation.of(origin, request, self.cards.holder(request.certificate), progress) as batch:
            asked = {"action": request.action, "documents": batch.documents, "level": request.level}
            result = await ask(asked)
            try:
                return {**result, "signatures": await batch.finished(result["signatures"])}
            except BaseException:
                await self._take_back(result)
                raise

    async def _ask_person(
        self, origin: str, method: str, params: dict[str, Any], progress: Progress | None = None
    ) -> dict[str, Any]:
        """A request that may open a window. Raises RateLimited where the last ones were cancelled, and Busy."""
        with self._cancels.counted(origin), self._desk.for_card():
            return await self._ask(method, params, progress)

    async def _ask(self, method: str, params: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
        try:
            return await self._host.call(method, params, progress or Progress())
        except NoCard as error:
            raise await self._nothing_found() from error
        except BridgeError as error:
            logs.info("refused", method=method, code=error.code)
            raise

    async def _nothing_found(self) -> BridgeError:
        """One cause, one code: no reader, an empty reader, or a card that nobody here can read."""
        # The host notices first what happens to a reader, the watch a moment later.
        if not self._readers and self.look_again():
            await self._until(lambda: bool(self._readers))
        if not self._readers:
            return NoReader("no reader is connected")
        await self._until(lambda: not self._card_seen())
        if self._card_seen():
            return CardUnknown("no configured library knows the card")
        return NoCard("the readers are empty")

    async def _until(self, seen: Callable[[], bool]) -> None:
        """Until the watch has seen that, or had the time to."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WATCH_LAG_SECONDS):
                while not seen():
                    await self._moved.wait()

    def _card_seen(self) -> bool:
        """The practice card is never unknown: without it, its reader is empty."""
        return any(state.card_present and state.name != practice_slot.READER for state in self._readers)

    def _dated(self, result: dict[str, Any]) -> dict[str, Any]:
        """The host counts seconds; pages get a time."""
        if (seconds := result.pop("expiresIn", None)) is not None:
            moment = (self._clocks.now() + timedelta(seconds=seconds)).astimezone(UTC)
            result["expiresAt"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return result

    def _tell(self, event: Event, to: str | None = None) -> None:
        for listener, origin in list(self._listeners.items()):
            if to is None or origin == to:
                listener(event)
