"""Which card readers there are and whether a card is in them: one thread that sleeps in SCardGetStatusChange.

Never talks to a card. Survives a PC/SC service that restarts, or is not there at all (no reader, then).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from bridge.readers.state import ReaderState, Snapshot

if TYPE_CHECKING:
    from types import ModuleType

_PNP = "\\\\?PnP?\\Notification"
"""The pseudo reader that changes when readers come and go (pcsc-lite and Windows)."""
_FOREVER = 0xFFFFFFFF
_FIRST_DELAY_SECONDS, _LONGEST_DELAY_SECONDS = 0.5, 5.0
_CANCEL_EVERY_SECONDS = 0.05


OnChange = Callable[[Snapshot], None]


class ServiceLost(Exception):
    """The PC/SC service ended, or is not there."""


class ReaderWatch:
    """Calls `on_change` on its own thread: once at the start, then with every snapshot that differs from the last."""

    def __init__(self, on_change: OnChange) -> None:
        self._on_change = on_change
        self._last: Snapshot | None = None
        self._delay = _FIRST_DELAY_SECONDS
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._context: int | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="readers", daemon=True)

    @property
    def has_service(self) -> bool:
        with self._lock:
            return self._context is not None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended; no call comes after it. Not to be called from `on_change`."""
        self._stopping.set()
        self._wake.set()
        while self._thread.is_alive():
            self._cancel()
            # A cancel that comes before the wait begins is lost: it is sent until the thread is gone.
            self._thread.join(_CANCEL_EVERY_SECONDS)

    def look_again(self) -> bool:
        """Have a watch that has lost the service look for it at once. False: it has it, and has told all there is."""
        with self._lock:
            lost = self._context is None
        if lost:
            self._wake.set()
        return lost

    def _run(self) -> None:
        # Here and not at the top: the binding costs 20 ms, and the daemon listens before it knows its readers.
        from smartcard import scard

        while not self._stopping.is_set():
            try:
                self._watch(scard)
            except ServiceLost:
                self._report(())
                self._wake.wait(self._delay)
                self._wake.clear()
                self._delay = min(self._delay * 2, _LONGEST_DELAY_SECONDS)

    def _watch(self, scard: ModuleType) -> None:
        """Until stopped. Raises ServiceLost."""
        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            raise ServiceLost
        self._delay = _FIRST_DELAY_SECONDS
        with self._lock:
            self._context = context
        try:
            self._follow(scard, context)
        finally:
            with self._lock:
                self._context = None
            scard.SCardReleaseContext(context)

    def _follow(self, scard: ModuleType, context: int) -> None:
        known: dict[str, int] = {}
        while not self._stopping.is_set():
            names = [*_names(scard, context), _PNP]
            known = {name: known.get(name, scard.SCARD_STATE_UNAWARE) for name in names}
            self._wait(scard, context, known)

    def _wait(self, scard: ModuleType, context: int, known: dict[str, int]) -> None:
        """Sleep until a reader differs from `known`, which is brought up to date, and report."""
        # Readers that nobody has looked at yet are looked at without sleeping.
        unseen = any(state == scard.SCARD_STATE_UNAWARE for name, state in known.items() if name != _PNP)
        timeout = 0 if unseen or self._last is None else _FOREVER
        code, states = scard.SCardGetStatusChange(context, timeout, list(known.items()))
        if code in (scard.SCARD_E_CANCELLED, scard.SCARD_E_UNKNOWN_READER):
            return
        if code not in (scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT):
            raise ServiceLost
        known.update({name: state & ~scard.SCARD_STATE_CHANGED for name, state, _ in states})
        there = [each for each in states if each[0] != _PNP and not each[1] & scard.SCARD_STATE_UNKNOWN]
        self._report(tuple(_state(scard, *each) for each in there))

    def _report(self, snapshot: Snapshot) -> None:
        if snapshot != self._last and not self._stopping.is_set():
            self._last = snapshot
            self._on_change(snapshot)

    def _cancel(self) -> None:
        from smartcard import scard

        with self._lock:
            if self._context is not None:
                scard.SCardCancel(self._context)


def _names(scard: ModuleType, context: int) -> list[str]:
    code, names = scard.SCardListReaders(context, [])
    if code == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    if code != scard.SCARD_S_SUCCESS:
        raise ServiceLost
    return list(names)


def _state(scard: ModuleType, name: str, state: int, atr: list[int]) -> ReaderState:
    present = bool(state & scard.SCARD_STATE_PRESENT)
    in_use = bool(state & (scard.SCARD_STATE_INUSE | scard.SCARD_STATE_EXCLUSIVE))
    return ReaderState(name, present, in_use, bytes(atr) if present else b"", state >> 16 & 0xFFFF)
