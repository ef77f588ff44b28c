"""The reader: listens where the driver dials, and passes frames to the card that is in it, if any."""

from __future__ import annotations

import contextlib
import socket
import threading
from enum import IntEnum
from pathlib import Path

from tests.virtual.card import VirtualCard


class Control(IntEnum):
    """Frames of one byte, as in ifd.c."""

    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    ATR = 4


class VirtualReader:
    """One reader on a unix socket. `insert` and `remove` may come from any thread, also in mid-command."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._card: VirtualCard | None = None
        self._removals = 0
        self._line: socket.socket | None = None
        self.plug_in()

    def plug_in(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._serve, name=f"reader {self._path.name}", daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """With the card that is in it, which stays in."""
        if self._card is not None:
            self._card.power_off()
        for end in (self._listener, self._line):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._thread.join(5)
        self._path.unlink()

    @property
    def card(self) -> VirtualCard | None:
        return self._card

    def insert(self, card: VirtualCard) -> None:
        with self._lock:
            card.power_off()
            self._card = card

    def remove(self) -> None:
        """A command that is under way gets no answer."""
        with self._lock:
            if self._card is not None:
                self._card.power_off()
            self._card = None
            self._removals += 1

    def close(self) -> None:
        self.unplug()

    def _serve(self) -> None:
        """One driver at a time; a new one may dial after pcscd was restarted."""
        while True:
            try:
                self._line, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(ConnectionError, OSError), self._line:
                self._talk(self._line)

    def _talk(self, line: socket.socket) -> None:
        while (frame := _receive(line)) is not None:
            answer = self._answer(frame)
            if answer is not None:
                line.sendall(len(answer).to_bytes(2, "big") + answer)

    def _answer(self, frame: bytes) -> bytes | None:
        with self._lock:
            card, removals = self._card, self._removals
            if len(frame) == 1:
                return _obey(card, frame[0])
        answer = card.transmit(frame) if card is not None else b""
        return answer if removals == self._removals else b""


def _obey(card: VirtualCard | None, command: int) -> bytes | None:
    """Only the question for the ATR has an answer."""
    if command == Control.ATR:
        return card.atr if card is not None else b""
    if card is not None:
        card.power_off()
    return None


def _receive(line: socket.socket) -> bytes | None:
    header = _exactly(line, 2)
    return None if header is None else _exactly(line, int.from_bytes(header, "big"))


def _exactly(line: socket.socket, length: int) -> bytes | None:
    received = b""
    while len(received) < length:
        part = line.recv(length - len(received))
        if not part:
            return None
        received += part
    return received
