"""The folder of lists as they are put there: whole or not at all, and by one program at a time."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.revocation import acceptance
from portal.signatures.trust_folders import Crl

_LOCK = ".fetching.lock"


def place(folder: Path, file: str, data: bytes, authorities: Iterable[Any], now: datetime) -> Crl | None:
    """Puts a list into the folder if it betters what is there; None when it is there already.

    Judged under the lock: of two programs that fetch at the same time, the later one looks at what the earlier one
    has put there. Raises Unacceptable, OSError.
    """
    target = folder / file
    with _locked(folder):
        found = acceptance.judge(data, present(target), authorities, now)
        if found is not None:
            write(target, found.der)
        return found


def present(target: Path) -> bytes | None:
    try:
        return target.read_bytes()
    except FileNotFoundError:
        return None


def write(target: Path, data: bytes, mode: int = 0o644) -> None:
    """Replaces a file at once: readers see the old one or the new one, after a power cut as well. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(target.parent)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if sys.platform == "win32":  # the portal's home is Linux; a practice portal elsewhere fetches nothing
        yield
        return
    import fcntl

    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sync(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
