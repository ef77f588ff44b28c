"""Command and response APDUs, status words, BER-TLV (ISO/IEC 7816-4). Pure; nothing here can hold a PIN."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

SELECT, VERIFY = 0xA4, 0x20
_MAX_DATA = 255


class Meaning(StrEnum):
    """What a status word says, as far as we act on it."""

    DONE = "done"
    TRIES_LEFT = "tries left"
    LOCKED = "locked"
    NOT_LOGGED_IN = "not logged in"
    NOT_FOUND = "not found"
    NOT_SUPPORTED = "not supported"
    OTHER = "other"


_MEANINGS = {
    0x9000: Meaning.DONE,
    0x6983: Meaning.LOCKED,
    0x6984: Meaning.LOCKED,  # reference data not usable: what some cards say of a blocked PIN
    0x6982: Meaning.NOT_LOGGED_IN,
    0x6A82: Meaning.NOT_FOUND,
    0x6A88: Meaning.NOT_FOUND,
    0x6A81: Meaning.NOT_SUPPORTED,
    0x6D00: Meaning.NOT_SUPPORTED,
    0x6E00: Meaning.NOT_SUPPORTED,
}


class Response(NamedTuple):
    data: bytes
    word: int
    """SW1 SW2 as one number."""

    @property
    def meaning(self) -> Meaning:
        """ISO 7816-4 §5.6."""
        if self.word & 0xFFF0 == 0x63C0:
            return Meaning.TRIES_LEFT
        return _MEANINGS.get(self.word, Meaning.OTHER)

    @property
    def tries_left(self) -> int | None:
        """The counter that the card told: X of 63CX, 0 when it says locked, else None."""
        if self.meaning is Meaning.TRIES_LEFT:
            return self.word & 0x0F
        return 0 if self.meaning is Meaning.LOCKED else None


def response(raw: bytes) -> Response:
    """Raises ValueError for fewer than the two bytes of a status word."""
    if len(raw) < 2:
        raise ValueError("a response APDU has at least two bytes")
    return Response(raw[:-2], int.from_bytes(raw[-2:], "big"))


def command(cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None) -> bytes:
    """A short command APDU, cases 1 to 4 (ISO 7816-4 §5.2); `le` 0 asks for up to 256 bytes."""
    if len(data) > _MAX_DATA:
        raise ValueError("more than a short command can carry")
    head = bytes([cla, ins, p1, p2])
    body = bytes([len(data)]) + data if data else b""
    return head + body + (b"" if le is None else bytes([le & 0xFF]))


def select(aid: bytes) -> bytes:
    """SELECT by application identifier (ISO 7816-4 §11.2.2)."""
    return command(0x00, SELECT, 0x04, 0x00, aid, le=0)


def select_within(aid: bytes) -> bytes:
    """SELECT by application identifier with no answer wanted (P2 0C), which some cards insist on."""
    return command(0x00, SELECT, 0x04, 0x0C, aid)


def select_file(identifier: bytes) -> bytes:
    """SELECT an elementary file under the selected application, no answer wanted (ISO 7816-4 §11.2.2)."""
    return command(0x00, SELECT, 0x02, 0x0C, identifier)


def ask_tries(reference: int) -> bytes:
    """VERIFY without data: 63CX tells the tries left (ISO 7816-4 §7.5.6). Free of cost on most cards, not on all."""
    return command(0x00, VERIFY, 0x00, reference)


def tlv(tag: int, value: bytes) -> bytes:
    """One BER-TLV data object with a minimal length (ISO 7816-4 §5.2.2)."""
    name = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    if len(value) < 0x80:
        return name + bytes([len(value)]) + value
    size = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return name + bytes([0x80 | len(size)]) + size + value


def parse(data: bytes) -> list[tuple[int, bytes]]:
    """Every data object of a template, in order; consumes every byte.

    Tags of up to 3 bytes, lengths of up to 3 bytes (ISO 7816-4 §5.2.2). Raises ValueError for anything else.
    """
    objects: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if at + length > len(data):
            raise ValueError("a data object is longer than its template")
        objects.append((tag, data[at : at + length]))
        at += length
    return objects


def _tag(data: bytes, at: int) -> tuple[int, int]:
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data) or end - at > 3:
        raise ValueError("a tag is cut short or has more than 3 bytes")
    return int.from_bytes(data[at:end], "big"), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise ValueError("a length is missing")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 1 <= count <= 3 or at + 1 + count > len(data):
        raise ValueError("a length is cut short, indefinite or has more than 3 bytes")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count
