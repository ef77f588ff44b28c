"""Asking the person: starts the window program, hands it one question, reads one answer.

The question is one JSON line; the answer is one JSON line, followed by N raw PIN bytes that are read straight into a
wipeable buffer (docs/protocol.md, The PIN window's pipe). The program is a process of its own, one per question, and
ends when its stdin ends: a killed host leaves no orphan window.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bridge.card.asking.answer import Answer
from bridge.card.asking.turn import Turn
from bridge.card.process.child_environment import NO_CONSOLE, inherited
from bridge.card.safety.pin import Pin
from bridge.errors import BridgeError, ConsentCancelled, Internal, PinCancelled, PinFormat

OWN_WINDOW = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "tray.pin_window")
_MAX_LINE = 64 << 10
_MAX_PIN = 64


Tell = Callable[[Turn], None]
Attend = Callable[[Callable[[], Answer]], Answer]
"""Has a conversation with a window on another thread and goes on with what must not wait; its outcome is returned."""


def _only_wait(converse: Callable[[], Answer]) -> Answer:
    return converse()


class Window:
    """One window at a time. `ask` runs on the card thread, `close` may come from any other."""

    def __init__(self, command: Sequence[str], tell: Tell, attend: Attend = _only_wait) -> None:
        self._command = tuple(command) or OWN_WINDOW
        self._tell = tell
        self._attend = attend
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = self._over = False

    def reopen(self) -> None:
        """A new request begins: what closed the window of an earlier one counts no more."""
        with self._lock:
            self._closed = self._over

    @property
    def cancelled(self) -> bool:
        """Whether the request that is being worked on was cancelled."""
        return self._closed

    def ask(self, question: Mapping[str, Any]) -> Answer:
        """Show one question. The receiver releases the answer; till then a window for a reader's keys stays.

        Raises PinCancelled or ConsentCancelled (by its kind), PinFormat, Internal.
        """
        cancelled = PinCancelled if question["kind"] == "pin" else ConsentCancelled
        process = self._start(cancelled)
        self._tell(Turn.PERSON)
        with contextlib.ExitStack() as ending:
            ending.callback(self._end, process)
            answer = self._attend(lambda: _converse(process, question, cancelled))
            if question["kind"] == "pin" and question["pinPad"]:
                answer.close = ending.pop_all().close
                self._tell(Turn.PAD)
        return answer

    def close(self) -> None:
        """Take the window away: cancel, closed tab. Wipes nothing that a login may be using."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def shut(self) -> None:
        """As `close`, and no other window opens: the daemon has stopped."""
        self._over = True
        self.close()

    def _start(self, cancelled: type[BridgeError]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise cancelled("the request was cancelled")
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=inherited(),
                    creationflags=NO_CONSOLE,
                )  # fmt: skip
            except OSError as error:
                raise Internal(f"the PIN window did not start: {error}") from error
            return self._process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._tell(Turn.CARD)
        with self._lock:
            self._process = None
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _converse(process: subprocess.Popen[bytes], question: Mapping[str, Any], cancelled: type[BridgeError]) -> Answer:
    if process.stdin is None or process.stdout is None:
        raise Internal("the PIN window has no pipes")
    try:
        process.stdin.write(json.dumps(question, ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise cancelled("the PIN window ended") from error
    descriptor = process.stdout.fileno()
    while True:
        reply = _line(descriptor)
        if reply is None:
            raise cancelled("the PIN window ended")
        if "event" not in reply:
            return _answer(reply, descriptor, cancelled)


def _answer(reply: dict[str, Any], descriptor: int, cancelled: type[BridgeError]) -> Answer:
    match reply:
        case {"answer": "ok", "length": int(length)} if 0 <= length <= _MAX_PIN:
            pin = Pin(length)
            if not _fill(descriptor, pin.memory()):
                pin.wipe()
                raise cancelled("the PIN window ended")
            person, typed, insistence = (str(reply.get(key, ""))[:100] for key in ("person", "typed", "insistence"))
            answer = Answer(pin, person=person, typed=typed, insistence=insistence)
            answer.chosen, answer.remember = _number(reply.get("chosen")), reply.get("remember") is True
            return answer
        case {"answer": "ok"}:
            raise PinFormat("the window's answer has no usable length")
        case {"answer": "cancel"}:
            raise cancelled(str(reply.get("reason", "cancelled"))[:40])
    raise Internal("the PIN window's answer is not one of ours")


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _line(descriptor: int) -> dict[str, Any] | None:
    """One JSON line, read byte by byte: what follows it is the PIN and must not get into a buffer of ours."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            return None
        line += byte
        if len(line) > _MAX_LINE:
            raise Internal("the PIN window's answer is too long")
    try:
        reply = json.loads(line)
    except ValueError as error:
        raise Internal("the PIN window's answer is not JSON") from error
    if not isinstance(reply, dict):
        raise Internal("the PIN window's answer is not an object")
    return reply


def _fill(descriptor: int, memory: memoryview) -> bool:
    """Read exactly len(memory) bytes into place; False when the pipe ends before."""
    filled = 0
    while filled < len(memory):
        count = _read_into(descriptor, memory[filled:])
        if not count:
            return False
        filled += count
    return True


if sys.platform != "win32":

    def _read_into(descriptor: int, memory: memoryview) -> int:
        return os.readv(descriptor, [memory])

else:

    def _read_into(descriptor: int, memory: memoryview) -> int:
        # Windows has no readv; the one-byte copy is the interpreter's own cached object for that byte.
        byte = os.read(descriptor, 1)
        memory[: len(byte)] = byte
        return len(byte)
