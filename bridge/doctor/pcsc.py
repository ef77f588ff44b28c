"""What the PC/SC service says at this moment: whether it is there, its readers and their states. Talks to no card."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from bridge.readers.state import ReaderState

if TYPE_CHECKING:
    from types import ModuleType


class Service(Enum):
    RUNNING = "running"
    ABSENT = "absent"
    """Nobody answers: it is not installed, stopped, or on Windows put to sleep while no reader is connected."""
    FORBIDDEN = "forbidden"
    """It answers, and refuses this user."""
    BROKEN = "broken"


class Seen(NamedTuple):
    name: str
    states: tuple[str, ...]
    """Words of PC/SC for the bits of dwEventState."""
    atr: bytes
    """Empty without a card."""


class Pcsc(NamedTuple):
    service: Service
    code: int
    """What SCardEstablishContext or SCardListReaders answered, as an unsigned number."""
    readers: tuple[Seen, ...] = ()


_STATES = ("empty", "present", "exclusive", "inuse", "mute", "unpowered", "unavailable", "atrmatch")


def look() -> Pcsc:
    from smartcard import scard  # costs 20 ms, and the doctor is asked for more than readers

    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != scard.SCARD_S_SUCCESS:
        return Pcsc(_refusal(scard, code), code & 0xFFFFFFFF)
    try:
        return _readers(scard, context)
    finally:
        scard.SCardReleaseContext(context)


def _readers(scard: ModuleType, context: int) -> Pcsc:
    code, names = scard.SCardListReaders(context, [])
    if code == scard.SCARD_E_NO_READERS_AVAILABLE:
        return Pcsc(Service.RUNNING, 0)
    if code != scard.SCARD_S_SUCCESS:
        return Pcsc(_refusal(scard, code), code & 0xFFFFFFFF)
    wanted = [(name, scard.SCARD_STATE_UNAWARE) for name in names]
    _, states = scard.SCardGetStatusChange(context, 0, wanted)
    return Pcsc(Service.RUNNING, 0, tuple(_seen(scard, *each) for each in states))


def _seen(scard: ModuleType, name: str, state: int, atr: list[int]) -> Seen:
    words = tuple(word for word in _STATES if state & getattr(scard, f"SCARD_STATE_{word.upper()}"))
    return Seen(name, words, bytes(atr) if "present" in words else b"")


def _refusal(scard: ModuleType, code: int) -> Service:
    if code in (scard.SCARD_E_NO_SERVICE, scard.SCARD_E_SERVICE_STOPPED):
        return Service.ABSENT
    # pcsc-lite: a user whom the policy (polkit) does not let in.
    return Service.FORBIDDEN if code == scard.SCARD_W_SECURITY_VIOLATION else Service.BROKEN


def states(readers: Iterable[Seen]) -> tuple[ReaderState, ...]:
    return tuple(
        ReaderState(each.name, "present" in each.states, "inuse" in each.states, each.atr, 0) for each in readers
    )
