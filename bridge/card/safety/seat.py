"""At most one card host of this user asks for PINs and writes the ledger: whoever holds the lock on a file."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from bridge.errors import Busy, CardFailed

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Seat:
    """Taken once and kept until the process ends, however it ends: the operating system drops the lock with it."""

    def __init__(self, path: Path, taken: Callable[[], None]) -> None:
        """`taken` is called by who sits down, before anything else: the host before may have been killed."""
        self._path = path
        self._taken = taken
        self._descriptor: int | None = None
        self._ready = False

    def take(self) -> None:
        """Raises Busy while another host of this user sits here, CardFailed, and what `taken` raises."""
        if self._descriptor is None:
            self._descriptor = self._locked()
        if not self._ready:
            self._taken()
            self._ready = True

    def leave(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._ready = None, False

    def _locked(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CardFailed(f"{self._path}: {error}") from error
        with contextlib.ExitStack() as undo:
            undo.callback(os.close, descriptor)
            try:
                _lock(descriptor)
            except OSError as error:
                raise Busy("another card host of this user is at work") from error
            undo.pop_all()
        return descriptor
