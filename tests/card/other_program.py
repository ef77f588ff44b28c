"""What another program does with the same card: signs, spends tries, resets it, holds it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from smartcard import scard

from bridge.card import pcsc
from bridge.card.apdu import Meaning, response, select, tlv
from tests.virtual.piv import AID, PIN_LENGTH

PIV = AID[:5]
_RSA_BLOCK = b"\x00\x01" + b"\xff" * 253 + b"\x00"
_CHUNK = 200


def can_sign(reader: str) -> bool:
    """Whether the PIV card lets a program sign that has sent no PIN; one that is being reset does not."""
    block = tlv(0x7C, tlv(0x82, b"") + tlv(0x81, _RSA_BLOCK))
    chunks = [block[at : at + _CHUNK] for at in range(0, len(block), _CHUNK)]
    try:
        with _at_card(reader) as handle:
            for chunk in chunks[:-1]:
                _send(handle, bytes([0x10, 0x87, 0x07, 0x9A, len(chunk)]) + chunk)
            answer = _send(handle, bytes([0x00, 0x87, 0x07, 0x9A, len(chunks[-1])]) + chunks[-1])
    except ResetMeanwhile:
        return False
    return answer is not Meaning.NOT_LOGGED_IN


def spend_a_try(reader: str, pin: bytes = b"000000") -> None:
    with _at_card(reader) as handle:
        _send(handle, bytes([0x00, 0x20, 0x00, 0x80, PIN_LENGTH]) + pin.ljust(PIN_LENGTH, b"\xff"))


@contextlib.contextmanager
def connected(reader: str) -> Iterator[None]:
    """Keep the card under power: once nobody is connected, the service powers it down, and it forgets by that."""
    with pcsc._connected(reader):
        yield


@contextlib.contextmanager
def alone(reader: str) -> Iterator[None]:
    """Keep the card from every other program."""
    with pcsc._context() as context:
        code, handle, _ = scard.SCardConnect(context, reader, scard.SCARD_SHARE_EXCLUSIVE, pcsc.ANY_PROTOCOL)
        assert code == scard.SCARD_S_SUCCESS
        yield
        scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)


@contextlib.contextmanager
def at_work(reader: str) -> Iterator[None]:
    """Hold the card in a transaction."""
    with pcsc._connected(reader) as connection, pcsc._transaction(connection.handle):
        yield


class ResetMeanwhile(Exception):
    """Somebody has reset the card under our hands."""


@contextlib.contextmanager
def _at_card(reader: str) -> Iterator[int]:
    with pcsc._connected(reader) as connection:
        _check(scard.SCardBeginTransaction(connection.handle))
        try:
            _send(connection.handle, select(PIV))
            yield connection.handle
        finally:
            scard.SCardEndTransaction(connection.handle, scard.SCARD_LEAVE_CARD)


def _send(handle: int, command: bytes) -> Meaning:
    code, raw = scard.SCardTransmit(handle, scard.SCARD_PCI_T1, list(command))
    _check(code)
    return response(bytes(raw)).meaning


def _check(code: int) -> None:
    if code == scard.SCARD_W_RESET_CARD:
        raise ResetMeanwhile
    assert code == scard.SCARD_S_SUCCESS
