"""The card host: the child process that alone loads vendor libraries and alone sees a PIN.

The main thread keeps reading the daemon's pipe, so that a cancelled request or a closed tab takes its window away at
once; everything that touches a card runs on one card thread, in order. At the end of the pipe the window closes, every
login is ended on the card, and the process is gone.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from bridge import settings as settings_module
from bridge.card import channel, hardening
from bridge.card.cards import Cards
from bridge.card.guard import Guard, Rules
from bridge.card.ledger import Ledger, LedgerBroken
from bridge.card.operations import Desk, Operations
from bridge.card.port import CardPort
from bridge.card.profiles import profile
from bridge.card.sessions import PinSession, PinSessions
from bridge.card.window import Window
from bridge.errors import BadRequest, BridgeError, CardFailed, ConsentCancelled, Internal
from bridge.settings import Settings


class Task(NamedTuple):
    id: int
    method: str
    params: dict[str, Any]


class Replies:
    """The pipe back to the daemon; frames of both threads never mix."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, frame: channel.Frame) -> None:
        with self._lock:
            self._stream.write(channel.encode(frame))
            self._stream.flush()


class CardThread(threading.Thread):
    """Runs tasks one after the other, and ends PIN sessions when their time is over."""

    def __init__(self, settings: Settings, hello: dict[str, Any], replies: Replies) -> None:
        super().__init__(name="card", daemon=True)
        self._settings = settings
        self._hello = hello
        self._replies = replies
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._current: int | None = None
        self._cancelled: set[int] = set()
        self.window = Window(settings.pin.window, self._tell_waiting)

    def put(self, task: Task | None) -> None:
        self._tasks.put(task)

    def cancel(self, task_id: int) -> None:
        """Called by the reading thread. A login that is under way runs to its end with its PIN untouched."""
        with self._lock:
            self._cancelled.add(task_id)
            if self._current == task_id:
                self.window.close()

    def run(self) -> None:
        cards = Cards(_ports(self._settings), _now)
        sessions = PinSessions(self._settings.pin.session_seconds, time.monotonic, self._session_ended)
        self._ledger = Ledger(settings_module.card_directory(self._settings) / "ledger.json")
        operations = self._operations(cards, sessions)
        # A broken ledger is told with the first request that needs it.
        with contextlib.suppress(LedgerBroken):
            operations.reset_left_unlocked(_reset_reader)
        while (task := self._next(sessions)) is not None:
            self._run_one(operations, task)
        sessions.end_all("forgotten")
        cards.close()

    def _operations(self, cards: Cards, sessions: PinSessions) -> Operations:
        settings, language = self._settings, settings_module.language(self._settings)
        rules = Rules(settings.pin.stop_at, settings.pin.forbid_last_try, language)
        guard = Guard(self._ledger, rules, bytes.fromhex(self._hello["fingerprintKey"]))
        desk = Desk(self.window, language, settings.pin, frozenset(settings.origins.silent), profile)
        return Operations(cards, guard, self._ledger, sessions, desk, _now, self._replies.send)

    def _next(self, sessions: PinSessions) -> Task | None:
        while True:
            try:
                return self._tasks.get(timeout=sessions.next_expiry())
            except queue.Empty:
                sessions.expire()

    def _run_one(self, operations: Operations, task: Task) -> None:
        with self._lock:
            self._current = task.id
            self.window.reopen()
            dropped = task.id in self._cancelled
        try:
            if dropped:
                raise ConsentCancelled("cancelled before it began")
            reply: channel.Frame = {"id": task.id, "result": _dispatch(operations, task)}
        except BridgeError as error:
            reply = {"id": task.id, "error": error.to_wire()}
        except LedgerBroken as error:
            reply = {"id": task.id, "error": CardFailed(str(error)).to_wire()}
        except Exception as error:
            # The rim of the process: a fault of ours must not end it silently. The class alone is told, since an
            # unknown exception's text could hold anything.
            reply = {"id": task.id, "error": Internal(type(error).__name__).to_wire()}
        with self._lock:
            self._current = None
            self._cancelled.discard(task.id)
        self._replies.send(reply)

    def _tell_waiting(self, waiting: bool) -> None:
        self._replies.send({"event": "person", "id": self._current, "waiting": waiting})

    def _session_ended(self, ended: PinSession, reason: str) -> None:
        self._ledger.closed(ended.card)
        self._replies.send(
            {"event": "pinSessionEnded", "pinSession": ended.handle, "origin": ended.origin, "reason": reason}
        )


def _dispatch(operations: Operations, task: Task) -> dict[str, Any]:
    match task.method, task.params:
        case "certificates", {}:
            return operations.certificates()
        case "pin/open", {"origin": origin, "certificate": certificate, "action": action}:
            return operations.open_pin(origin, certificate, action)
        case "pin/close", {"origin": origin, "pinSession": handle}:
            return operations.close_pin(origin, handle)
        case "sign", {"origin": origin, "certificate": certificate, "statement": request, **rest}:
            handle, keep = rest.get("pinSession"), rest.get("keepPinSession", False)
            return operations.sign(origin, certificate, request, handle, keep)
        case "tidy", {}:
            return operations.tidy()
        case "forget", {}:
            return operations.forget()
    raise BadRequest(f"the card host knows no {task.method}")


def _ports(settings: Settings) -> list[CardPort]:
    """The practice card, and one port per configured library; each import where it is used."""
    ports: list[CardPort] = []
    if settings.card.practice:
        from bridge.card.practice import PracticePort

        ports.append(PracticePort(settings_module.card_directory(settings) / "practice"))
    for path in settings.card.modules:
        from bridge.card.pkcs11 import Pkcs11Port

        ports.append(Pkcs11Port(Path(path)))
    return ports


def _reset_reader(reader: str) -> None:
    from bridge.card import pcsc, practice_slot

    if reader != practice_slot.READER:
        pcsc.reset(reader)


def _now() -> datetime:
    return datetime.now(UTC)


def serve(settings: Settings, requests: BinaryIO, answers: BinaryIO) -> None:
    """Read frames until the pipe ends. The first is `hello` with the daemon's fingerprint key."""
    hello = channel.read_frame_blocking(requests)
    if hello is None:
        return
    replies = Replies(answers)
    cards = CardThread(settings, hello["hello"], replies)
    cards.start()
    try:
        while (frame := channel.read_frame_blocking(requests)) is not None:
            match frame:
                case {"cancel": int(task_id)}:
                    cards.cancel(task_id)
                case {"id": int(task_id), "method": str(method), "params": dict(params)}:
                    replies.send({"event": "taken", "id": task_id})
                    cards.put(Task(task_id, method, params))
    finally:
        cards.window.close()
        cards.put(None)
        cards.join(timeout=5)


def main(argv: list[str]) -> int:
    """Entry of the child process: `python -m bridge.card.host [--config FILE]`."""
    hardening.forbid_core_dumps()
    answers = _own_stdout()
    config = Path(argv[1]) if len(argv) == 2 and argv[0] == "--config" else None
    serve(settings_module.load(config), sys.stdin.buffer, answers)
    return 0


def _own_stdout() -> BinaryIO:
    """Keep the pipe for frames alone: what a vendor library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
