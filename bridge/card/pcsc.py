"""Talking to the card beside its PKCS#11 library: counter probe, reset, and what other programs did meanwhile.

Every call has a deadline: another program's transaction can hold a reader for as long as it likes, and PC/SC waits for
it. The call then runs to its end on its own thread, leaves the card as it is, and is forgotten; the caller gets Busy.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import Any, NamedTuple, TypeVar

from smartcard import scard

from bridge.card import apdu
from bridge.errors import BridgeError, Busy, CardFailed, CardRemoved, NoReader

DEADLINE_SECONDS = 5.0
ANY_PROTOCOL = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
_PATIENCE_SECONDS = 1.0
_COUNTER_SHIFT = 16
"""pcsc-lite and Windows keep the reader's event counter in the high word of dwEventState."""

Result = TypeVar("Result")
_late: dict[str, Future[Any]] = {}
"""By reader, the call that outlived its deadline and waits there still. Used by the card thread only."""

_GONE = frozenset({scard.SCARD_W_REMOVED_CARD, scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_UNPOWERED_CARD})
_NO_READER = frozenset(
    {
        scard.SCARD_E_UNKNOWN_READER,
        scard.SCARD_E_READER_UNAVAILABLE,
        scard.SCARD_E_NO_READERS_AVAILABLE,
        scard.SCARD_E_NO_SERVICE,
        scard.SCARD_E_SERVICE_STOPPED,
    }
)
_BUSY = frozenset({scard.SCARD_E_SHARING_VIOLATION, scard.SCARD_E_TIMEOUT, scard.SCARD_E_SERVER_TOO_BUSY})


class Probe(NamedTuple):
    """The card's answer to VERIFY without data."""

    tries_left: int | None
    """None while the PIN is verified, and when the card does not tell."""
    verified: bool
    """The card answered 9000."""


class PinPlace(NamedTuple):
    """Where a card keeps a PIN."""

    aid: bytes
    """Application to select."""
    reference: int
    """P2 of VERIFY."""
    file: bytes = b""
    """Identifier of the PIN's own elementary file; empty: the reference alone names the PIN."""


class Presence(NamedTuple):
    events: int
    """Counts insertions and removals; wraps."""
    card: bool
    atr: bytes


class _Connection(NamedTuple):
    handle: int
    protocol: int


def failure(code: int, doing: str) -> BridgeError:
    """The one place where SCARD_* becomes a failure of ours."""
    reason = f"{doing}: {scard.SCardGetErrorMessage(code)} (0x{code & 0xFFFFFFFF:08X})"
    if code in _GONE:
        return CardRemoved(reason)
    if code in _NO_READER:
        return NoReader(reason)
    return Busy(reason) if code in _BUSY else CardFailed(reason)


def presence(reader: str) -> Presence:
    """What the reader holds now, without touching it. Raises NoReader."""
    with _context() as context:
        return _presences(context, [reader])[reader]


def presences() -> dict[str, Presence]:
    """Of every reader there is; empty without a reader or without the PC/SC service."""
    try:
        with _context() as context:
            code, names = scard.SCardListReaders(context, [])
            return _presences(context, list(names)) if code == scard.SCARD_S_SUCCESS and names else {}
    except NoReader:
        return {}


def event_counter(reader: str) -> int:
    """Insertions and removals that the reader has seen. Raises NoReader."""
    return presence(reader).events


def moved(reader: str, events: int, patience: float) -> bool:
    """Whether a card came or went since the event counter stood at `events`.

    Waits up to `patience` seconds: a card can fail before the service has noticed that it is gone. Raises NoReader.
    """
    end = time.monotonic() + patience
    with _context() as context:
        state = scard.SCARD_STATE_UNAWARE
        while True:
            left = max(0, round((end - time.monotonic()) * 1000))
            code, states = scard.SCardGetStatusChange(context, left, [(reader, state)])
            if code == scard.SCARD_E_TIMEOUT:
                return False
            check(code, "asking for the reader's state")
            state = states[0][1] & ~scard.SCARD_STATE_CHANGED
            if state >> _COUNTER_SHIFT & 0xFFFF != events:
                return True


def probe(reader: str, place: PinPlace, *, in_use: bool = False, deadline: float = DEADLINE_SECONDS) -> Probe:
    """The PIN's counter by VERIFY without data, for cards whose profile calls that free of cost.

    `in_use`: a session of ours is open on the card. Raises Busy, CardRemoved, NoReader, CardFailed.
    """

    def ask() -> Probe:
        with _connected(reader) as connection, _transaction(connection.handle):
            _select(connection, place, in_use)
            answer = _transmit(connection, apdu.ask_tries(place.reference), "asking for the tries left")
        verified = answer.meaning is apdu.Meaning.DONE
        return Probe(answer.tries_left, verified)

    return within(deadline, reader, ask)


def held_alone(reader: str, deadline: float = DEADLINE_SECONDS) -> bool:
    """Whether another program has the card for itself, which then is as good as absent.

    Raises Busy while a program, or a driver that a killed program left hanging, does not let anybody at the card: a
    vendor's library would wait for it without a deadline.
    """

    def ask() -> int:
        with _context() as context:
            code, handle, _ = scard.SCardConnect(context, reader, scard.SCARD_SHARE_SHARED, ANY_PROTOCOL)
            if code == scard.SCARD_S_SUCCESS:
                touch(handle)
                scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)
            return int(code)

    # Whatever else is the matter, the library finds out and says so.
    return within(deadline, reader, ask) == int(scard.SCARD_E_SHARING_VIOLATION)


def reset(reader: str, deadline: float = DEADLINE_SECONDS) -> None:
    """Warm reset: the card forgets every login. A card or reader that is away has forgotten already.

    Raises Busy, CardFailed.
    """

    def go() -> None:
        with _connected(reader, scard.SCARD_RESET_CARD):
            pass

    with contextlib.suppress(CardRemoved, NoReader):
        within(deadline, reader, go)


def within(seconds: float, reader: str, work: Callable[[], Result]) -> Result:
    """Run `work` on a thread of its own. Raises Busy at the deadline, and what `work` raises.

    While an earlier call still waits for the reader, long after its deadline, this one would only wait behind it.
    """
    late = _late.pop(reader, None)
    if late is not None and wait([late], min(seconds, _PATIENCE_SECONDS)).not_done:
        _late[reader] = late
        raise Busy("another program goes on holding the card")
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BridgeError as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="pcsc", daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError as error:
        _late[reader] = outcome
        raise Busy("another program holds the card") from error


def check(code: int, doing: str) -> None:
    if code != scard.SCARD_S_SUCCESS:
        raise failure(code, doing)


def establish() -> int:
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    check(code, "reaching the PC/SC service")
    return int(context)


@contextlib.contextmanager
def _context() -> Iterator[int]:
    context = establish()
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def _presences(context: int, readers: list[str]) -> dict[str, Presence]:
    unaware = [(reader, scard.SCARD_STATE_UNAWARE) for reader in readers]
    code, states = scard.SCardGetStatusChange(context, 0, unaware)
    check(code, "asking for the readers' state")
    return {reader: _presence(reader, state, bytes(atr)) for reader, state, atr in states}


def _presence(reader: str, state: int, atr: bytes) -> Presence:
    if state & scard.SCARD_STATE_UNKNOWN:
        raise NoReader(f"no reader {reader}")
    card = bool(state & scard.SCARD_STATE_PRESENT)
    return Presence(state >> _COUNTER_SHIFT & 0xFFFF, card, atr if card else b"")


@contextlib.contextmanager
def _connected(reader: str, leave: int = scard.SCARD_LEAVE_CARD) -> Iterator[_Connection]:
    """A shared connection. `leave` is done to the card at the end; anything but LEAVE_CARD logs everyone out."""
    with _context() as context:
        connection = connect(context, reader)
        try:
            yield connection
        finally:
            scard.SCardDisconnect(connection.handle, leave)


def connect(context: int, reader: str) -> _Connection:
    code, handle, protocol = scard.SCardConnect(context, reader, scard.SCARD_SHARE_SHARED, ANY_PROTOCOL)
    check(code, "connecting to the card")
    return _Connection(int(handle), int(protocol))


@contextlib.contextmanager
def _transaction(handle: int) -> Iterator[None]:
    check(scard.SCardBeginTransaction(handle), "waiting for the card")
    try:
        yield
    finally:
        scard.SCardEndTransaction(handle, scard.SCARD_LEAVE_CARD)


def touch(handle: int) -> int:
    """An empty transaction: PC/SC reports a reset or removal at its begin."""
    code = int(scard.SCardBeginTransaction(handle))
    if code == scard.SCARD_S_SUCCESS:
        scard.SCardEndTransaction(handle, scard.SCARD_LEAVE_CARD)
    return code


def _select(connection: _Connection, place: PinPlace, in_use: bool) -> None:
    """Selecting an application again may end the logins in it (ISO 7816-4 §11.2.2 leaves that to the card).

    PIV's does not (SP 800-73-4 part 2, §3.1.1). Elsewhere a session of ours has it selected, and its file is enough;
    when that is not found, somebody else has selected another application, and what was logged in is lost already.
    """
    doing = "selecting the card's application"
    if not place.file:
        _transmit(connection, apdu.select(place.aid), doing)
        return
    if not (in_use and _select_file(connection, place.file)):
        _transmit(connection, apdu.select_within(place.aid), doing)
        _select_file(connection, place.file)


def _select_file(connection: _Connection, file: bytes) -> bool:
    return _transmit(connection, apdu.select_file(file), "selecting the PIN").meaning is apdu.Meaning.DONE


def _transmit(connection: _Connection, command: bytes, doing: str) -> apdu.Response:
    protocol = scard.SCARD_PCI_T1 if connection.protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
    code, raw = scard.SCardTransmit(connection.handle, protocol, list(command))
    check(code, doing)
    try:
        return apdu.response(bytes(raw))
    except ValueError as error:
        raise CardFailed(f"{doing}: {error}") from error
