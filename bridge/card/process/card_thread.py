"""The one thread that touches cards: requests in order, PIN sessions that end in time, also while a window is open."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from bridge import settings as settings_module
from bridge.card.asking.answer import Answer
from bridge.card.asking.turn import Turn
from bridge.card.asking.window import Window
from bridge.card.cards import Cards
from bridge.card.channel import Frame
from bridge.card.operations import Desk, Operations
from bridge.card.port import CardPort
from bridge.card.profiles.recognition import Profiles
from bridge.card.safety.guard import Guard, Rules
from bridge.card.safety.ledger import Ledger, LedgerBroken
from bridge.card.safety.login import end_leftovers
from bridge.card.safety.seat import Seat
from bridge.card.safety.sessions import PinSession, PinSessions
from bridge.card.signing import StatementSigning
from bridge.errors import BadRequest, BridgeError, CardFailed, ConsentCancelled, Internal, PinSessionEnded
from bridge.settings import Settings

_URGENT = frozenset({"forget", "tidy", "pin/close"})
"""Requests that end PIN sessions: they do not wait for a person who has gone away from a window."""


class Task(NamedTuple):
    id: int
    method: str
    params: dict[str, Any]


class Surroundings(NamedTuple):
    """What the thread is given: everything that touches the world outside."""

    settings: Settings
    profiles: Profiles
    ports: list[CardPort]
    reset: Callable[[str], None]
    """Resets the card in a reader. Raises BridgeError."""
    fingerprint_key: bytes
    send: Callable[[Frame], None]


class CardThread(threading.Thread):
    def __init__(self, given: Surroundings) -> None:
        super().__init__(name="card", daemon=True)
        self._given = given
        settings, directory = given.settings, settings_module.card_directory(given.settings)
        self._inbox: queue.SimpleQueue[Task | Future[Answer] | None] = queue.SimpleQueue()
        self._put_off: deque[Task] = deque()
        self._stopped = False
        self._lock = threading.Lock()
        self._current: int | None = None
        self._cancelled: set[int] = set()
        self._ledger = Ledger(directory / "ledger.json")
        self._seat = Seat(directory / "seat.lock", lambda: end_leftovers(self._ledger, given.reset))
        self._sessions = PinSessions(settings.pin.session_seconds, time.monotonic, self._session_ended)
        self.window = Window(settings.pin.window, self._tell_turn, self._attend)

    def put(self, task: Task) -> None:
        self._inbox.put(task)

    def cancel(self, task_id: int) -> None:
        """Called by the reading thread. A login that is under way runs to its end with its PIN untouched."""
        with self._lock:
            self._cancelled.add(task_id)
            if self._current == task_id:
                self.window.close()

    def stop(self) -> None:
        """The daemon is gone: no window, no further request; every login is ended on its card."""
        self.window.shut()
        self._inbox.put(None)

    def run(self) -> None:
        cards = Cards(self._given.ports, _now)
        operations = self._operations = self._composed(cards)
        # A host that sits there ends its own logins; a broken ledger is told with the first request that needs it.
        with contextlib.suppress(BridgeError, LedgerBroken):
            self._seat.take()
        while (task := self._next()) is not None:
            self._run_one(operations, task)
        self._sessions.end_all("forgotten")
        cards.close()
        self._seat.leave()

    def _composed(self, cards: Cards) -> Operations:
        settings = self._given.settings
        language = settings_module.language(settings)
        rules = Rules(settings.pin.stop_at, settings.pin.forbid_last_try, language)
        guard = Guard(self._ledger, rules, self._given.fingerprint_key)
        origins, profile = settings.origins, self._given.profiles.named
        silent, expired, raw = (frozenset(each) for each in (origins.silent, origins.expired, origins.raw))
        desk = Desk(self.window, language, settings.pin, silent, expired, raw, self._between, profile, self._seat)
        return Operations(cards, guard, self._sessions, desk, _now, self._given.send)

    def _next(self) -> Task | None:
        while not self._stopped:
            item = self._put_off.popleft() if self._put_off else self._arrival()
            if isinstance(item, Task):
                return item
            self._stopped = item is None
        return None

    def _arrival(self) -> Task | Future[Answer] | None:
        """What comes next; meanwhile PIN sessions end when their time is over."""
        while True:
            try:
                return self._inbox.get(timeout=self._sessions.next_expiry())
            except queue.Empty:
                self._sessions.expire()

    def _attend(self, converse: Callable[[], Answer]) -> Answer:
        """A window is open: its conversation has a thread of its own, and this one goes on with what must not wait."""
        outcome: Future[Answer] = Future()
        threading.Thread(target=_settle, args=(outcome, converse, self._inbox.put), name="window", daemon=True).start()
        while True:
            match self._arrival():
                case None:
                    self._stopped = True  # the window is shut, and its conversation about to end
                case Task() as task if task.method in _URGENT:
                    self._given.send(self._reply(self._operations, task))
                case Task() as task:
                    self._put_off.append(task)
                case _:
                    return outcome.result()

    def _between(self, done: int, total: int) -> None:
        """Between two documents: says how far it is, and goes on with what must not wait.

        Raises ConsentCancelled, and PinSessionEnded when the person took the card's login back.
        """
        self._given.send({"event": "progress", "id": self._current, "done": done, "total": total})
        with contextlib.suppress(queue.Empty):
            while not self._stopped:
                match self._inbox.get_nowait():
                    case Task() as task if task.method in _URGENT:
                        self._given.send(self._reply(self._operations, task))
                        if task.method == "forget":
                            raise PinSessionEnded("forgotten between two documents")
                    case Task() as task:
                        self._put_off.append(task)
                    case None:
                        self._stopped = True
        if self._stopped or self.window.cancelled:
            raise ConsentCancelled("cancelled between two documents")

    def _run_one(self, operations: Operations, task: Task) -> None:
        with self._lock:
            self._current = task.id
            self.window.reopen()
            dropped = task.id in self._cancelled
        never_begun = ConsentCancelled("cancelled before it began")
        reply = _refused(task, never_begun) if dropped else self._reply(operations, task)
        with self._lock:
            self._current = None
            self._cancelled.discard(task.id)
        self._given.send(reply)

    def _reply(self, operations: Operations, task: Task) -> Frame:
        try:
            return {"id": task.id, "result": _dispatch(operations, task)}
        except BridgeError as error:
            return _refused(task, error)
        except LedgerBroken as error:
            return _refused(task, CardFailed(str(error)))
        except Exception as error:
            # The rim of the process: a fault of ours must not end it silently. The class alone is told, since an
            # unknown exception's text could hold anything.
            return _refused(task, Internal(type(error).__name__))

    def _tell_turn(self, turn: Turn) -> None:
        self._given.send({"event": "turn", "id": self._current, "turn": turn.value})

    def _session_ended(self, ended: PinSession, reason: str) -> None:
        self._given.send(
            {"event": "pinSessionEnded", "pinSession": ended.handle, "origin": ended.origin, "reason": reason}
        )


def _settle(outcome: Future[Answer], converse: Callable[[], Answer], arrived: Callable[[Future[Answer]], None]) -> None:
    try:
        outcome.set_result(converse())
    except Exception as error:  # whatever it is belongs to the card thread, which waits for it
        outcome.set_exception(error)
    arrived(outcome)


def _refused(task: Task, error: BridgeError) -> Frame:
    return {"id": task.id, "error": error.to_wire()}


def _dispatch(operations: Operations, task: Task) -> dict[str, Any]:
    match task.method, task.params:
        case "certificates", {}:
            return operations.certificates()
        case "certificates/choose", {"origin": origin, "purpose": purpose}:
            return operations.choose(origin, purpose)
        case "pin/open", {"origin": origin, "certificate": certificate, "action": action}:
            return operations.open_pin(origin, certificate, action)
        case "pin/open", {"origin": origin, "card": card, "action": action}:
            return operations.open_card(origin, card, action)
        case "pin/close", {"origin": origin, "pinSession": handle}:
            return operations.close_pin(origin, handle)
        case "sign", {"origin": origin, "certificate": certificate, "statement": request, **rest}:
            handle, keep = rest.get("pinSession"), rest.get("keepPinSession", False)
            return operations.sign(origin, certificate, partial(StatementSigning.of, request), handle, keep)
        case "sign", {"origin": origin, "certificate": certificate, "documents": [*_], "action": str(), **rest}:
            handle, keep = rest.get("pinSession"), rest.get("keepPinSession", False)
            return operations.sign(origin, certificate, operations.documents(task.params), handle, keep)
        case "tidy", {}:
            return operations.tidy()
        case "forget", {}:
            return operations.forget()
    raise BadRequest(f"the card host knows no {task.method}")


def _now() -> datetime:
    return datetime.now(UTC)
