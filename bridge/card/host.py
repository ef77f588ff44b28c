"""The card host: the child process that alone loads vendor libraries and alone sees a PIN.

The main thread keeps reading the daemon's pipe, so that a cancelled request or a closed tab takes its window away at
once; everything that touches a card runs on one card thread, in order. At the end of the pipe the window closes, every
login is ended on the card, and the process is gone.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from bridge import settings as settings_module
from bridge.card import channel
from bridge.card.port import CardPort
from bridge.card.process import hardening
from bridge.card.process.card_thread import CardThread, Surroundings, Task
from bridge.card.profiles.recognition import Profiles, profiles
from bridge.settings import Settings


class Replies:
    """The pipe back to the daemon; frames of both threads never mix."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, frame: channel.Frame) -> None:
        """A daemon that is gone hears nothing, and what has to be done without it is done."""
        with self._lock, contextlib.suppress(OSError):
            self._stream.write(channel.encode(frame))
            self._stream.flush()


def _ports(settings: Settings, known: Profiles) -> list[CardPort]:
    """The practice card, and one port per library; each import where it is used."""
    ports: list[CardPort] = []
    if settings.card.practice:
        from bridge.card.practice.card import PracticePort

        ports.append(PracticePort(settings_module.card_directory(settings) / "practice"))
    for path in known.chosen(settings.card.modules):
        from bridge.card.pkcs11.adapter import Pkcs11Port

        ports.append(Pkcs11Port(path, known))
    return ports


def _reset_reader(reader: str) -> None:
    from bridge.card import pcsc
    from bridge.card.practice import slot as practice_slot

    if reader != practice_slot.READER:
        pcsc.reset(reader)


def serve(settings: Settings, requests: BinaryIO, answers: BinaryIO) -> None:
    """Read frames until the pipe ends. The first is `hello` with the daemon's fingerprint key."""
    hello = channel.read_frame_blocking(requests)
    if hello is None:
        return
    replies = Replies(answers)
    key = bytes.fromhex(hello["hello"]["fingerprintKey"])
    known = profiles(settings.card.profiles)
    cards = CardThread(Surroundings(settings, known, _ports(settings, known), _reset_reader, key, replies.send))
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
        cards.stop()
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
