"""What the worker is asked, and how it refuses: closed frames, the same at both ends of its pipe (decision 65)."""

from __future__ import annotations

import base64
import json
import struct
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

MAX_ORDER = 1 << 20
"""Bytes of a line: a signature with its certificates has some ten thousand."""
MAX_ANSWER = 64 << 10
DEADLINE_SECONDS = 60.0
"""Of one order, by the clock."""
HEAD = struct.Struct(">I")
"""Before an answer: its length in bytes."""

Facts = dict[str, Any]
"""What must be signed of a document, as its format says it: strings, and lists of integers."""


def framed(answer: bytes) -> bytes:
    return HEAD.pack(len(answer)) + answer


class Command(StrEnum):
    PREPARE = "prepare"
    FINISH = "finish"


class Refusal(Exception):
    """The document is not signed in this format: `code` is one of bridge.errors'; the text is for the log."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def malformed(reason: str) -> Refusal:
    """It cannot be read as what it is said to be."""
    return Refusal("document_malformed", reason)


def refused(reason: str) -> Refusal:
    """It can be read, and holds what is not signed in this format."""
    return Refusal("document_refused", reason)


class Order(NamedTuple):
    """One command. Paths are files of the daemon's own; nothing else is opened."""

    command: Command
    format: str
    hash: str
    """SHA-256, SHA-384 or SHA-512."""
    document: Path
    prepared: Path
    """Where `prepare` may write a file, and `finish` finds it."""
    result: Path
    """What `finish` writes; it is not there yet."""
    facts: Facts
    """What `prepare` answered; for `prepare` itself how the signature is to be seen, if at all (`visible.Visible`)."""
    signature: bytes = b""
    """As the card host made it, with a time-stamp if it has one: a CMS SignedData (DER), or a ds:Signature element
    (XML, ASCII).
    """

    def frame(self) -> bytes:
        """One line."""
        wire = {
            **{name: str(getattr(self, name)) for name in _TEXTS},
            "facts": self.facts,
            "signature": base64.b64encode(self.signature).decode(),
        }
        return json.dumps(wire, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def parse(cls, frame: bytes) -> Order:
        """Raises ValueError for anything else than `frame` writes."""
        match json.loads(frame):
            case {"facts": dict(facts), **rest} if set(rest) == {*_TEXTS, "signature"}:
                command, kind, used, *paths = (_text(rest[name]) for name in _TEXTS)
                signature = base64.b64decode(_text(rest["signature"]), validate=True)
                document, prepared, result = map(Path, paths)
                return cls(Command(command), kind, used, document, prepared, result, facts, signature)
        raise ValueError("no order of the bridge's")


_TEXTS = ("command", "format", "hash", "document", "prepared", "result")


def _text(value: object) -> str:
    match value:
        case str():
            return value
    raise ValueError("a name of the order's is no text")
