"""What every virtual card does: command APDUs, chaining, GET RESPONSE (ISO 7816-4), and a log without PINs."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, Protocol

_PIN_INSTRUCTIONS = frozenset({0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D})
_CHAINING = 0x10


class Word(IntEnum):
    """Status words (ISO 7816-4 §5.6)."""

    OK = 0x9000
    TRIES = 0x63C0
    WRONG_LENGTH = 0x6700
    SECURITY_STATUS = 0x6982
    LOCKED = 0x6983
    WRONG_DATA = 0x6A80
    NOT_FOUND = 0x6A82
    WRONG_PARAMETERS = 0x6A86
    NO_SUCH_REFERENCE = 0x6A88
    UNKNOWN_INSTRUCTION = 0x6D00


class Command(NamedTuple):
    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int
    """Most bytes that the answer may have; 0: none are expected."""


class Answer(NamedTuple):
    word: int
    data: bytes = b""


class Seen(NamedTuple):
    """One command as it crossed the wire. What follows a PIN instruction is counted, not kept."""

    ins: int
    p1: int
    p2: int
    length: int
    word: int


class VirtualCard(Protocol):
    atr: bytes

    def power_off(self) -> None:
        """What a card forgets without power: login state, selections, half answers."""
        ...

    def transmit(self, apdu: bytes) -> bytes: ...


class ApduCard:
    """Base of the cards: subclasses answer whole commands in `execute` and forget in `forget`."""

    atr: bytes

    def __init__(self) -> None:
        self.log: list[Seen] = []
        self._chained = b""
        self._rest = b""

    def power_off(self) -> None:
        self._chained = self._rest = b""
        self.forget()

    def forget(self) -> None:
        raise NotImplementedError

    def execute(self, command: Command) -> Answer:
        raise NotImplementedError

    def transmit(self, apdu: bytes) -> bytes:
        command = parse(apdu)
        answer = Answer(Word.WRONG_LENGTH) if command is None else self._collect(command)
        if command is not None:
            self.log.append(Seen(command.ins, command.p1, command.p2, len(command.data), answer.word))
        return answer.data + answer.word.to_bytes(2, "big")

    def verifications(self) -> list[Seen]:
        """The VERIFYs that carried a PIN, oldest first."""
        return [seen for seen in self.log if seen.ins == 0x20 and seen.length]

    def _collect(self, command: Command) -> Answer:
        """Command chaining (ISO 7816-4 §5.3.3): all parts of one command before it is executed."""
        if command.cla & _CHAINING:
            self._chained += command.data
            return Answer(Word.OK)
        whole = command._replace(data=self._chained + command.data)
        self._chained = b""
        if command.ins == 0xC0:
            return self._deliver(self._rest, Word.OK, command.le)
        answer = self.execute(whole)
        return self._deliver(answer.data, answer.word, command.le)

    def _deliver(self, data: bytes, word: int, le: int) -> Answer:
        """At most Le bytes now; the rest waits for GET RESPONSE, announced by 61xx."""
        now, self._rest = (data[:le], data[le:]) if le else (b"", data)
        if self._rest:
            return Answer(0x6100 | (len(self._rest) if len(self._rest) < 256 else 0), now)
        return Answer(word, now)


def parse(apdu: bytes) -> Command | None:
    """A command APDU, short or extended (ISO 7816-4 §5.2); None for a length that fits no case."""
    if len(apdu) < 4:
        return None
    cla, ins, p1, p2 = apdu[:4]
    body = apdu[4:]
    if not body:
        return Command(cla, ins, p1, p2, b"", 0)
    if len(body) == 1:
        return Command(cla, ins, p1, p2, b"", body[0] or 256)
    extended = body[0] == 0 and len(body) >= 3
    if extended and len(body) == 3:
        return Command(cla, ins, p1, p2, b"", int.from_bytes(body[1:], "big") or 65536)
    length, start = (int.from_bytes(body[1:3], "big"), 3) if extended else (body[0], 1)
    data, tail = body[start : start + length], body[start + length :]
    if len(data) != length or len(tail) not in ((0, 2) if extended else (0, 1)):
        return None
    le = (int.from_bytes(tail, "big") or 256 ** len(tail)) if tail else 0
    return Command(cla, ins, p1, p2, data, le)


def tlv(tag: int, value: bytes) -> bytes:
    """BER-TLV (ISO 7816-4 §5.2.2.2)."""
    name = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    if len(value) < 0x80:
        return name + bytes([len(value)]) + value
    size = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return name + bytes([0x80 | len(size)]) + size + value


def fields(data: bytes) -> dict[int, bytes]:
    """The one-byte tags of a simple template. Raises ValueError for a length that does not fit."""
    found: dict[int, bytes] = {}
    while data:
        tag, size, start = data[0], data[1] if len(data) > 1 else 0x100, 2
        if size > 0x80:
            start = 2 + (size & 0x7F)
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            raise ValueError("a field is longer than its template")
        found[tag] = data[start : start + size]
        data = data[start + size :]
    return found
