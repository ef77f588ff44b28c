"""What was told already, over restarts: one small file of this user's.

Of a certificate there stands only a keyed fingerprint (HMAC-SHA-256, the key made at random for this file), so that
the entries of two PCs cannot be compared, nor be looked up in a list of certificates without this very file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any, NamedTuple

from bridge import logs

FILE = "notices.json"


class _Told(NamedTuple):
    key: str
    """64 hex digits."""
    expiry: dict[str, int]
    """By a certificate's fingerprint: the fewest days of which its person was reminded."""
    no_icon: bool


class Memory:
    """Read anew at each look: two bridges of one person tell nothing twice."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE

    def reminded(self, certificate: str) -> int | None:
        """Of a certificate (its id): the threshold that was told last; None: none yet."""
        told = self._read()
        return told.expiry.get(_fingerprint(told.key, certificate))

    def remind(self, certificate: str, threshold: int) -> None:
        told = self._read()
        self._write(told._replace(expiry=told.expiry | {_fingerprint(told.key, certificate): threshold}))

    @property
    def no_icon(self) -> bool:
        """Whether the person knows that this desktop shows no icon."""
        return self._read().no_icon

    def set_no_icon(self, known: bool) -> None:
        told = self._read()
        if told.no_icon is not known:
            self._write(told._replace(no_icon=known))

    def _read(self) -> _Told:
        """A file that cannot be read is none: things are told again."""
        try:
            return _parse(json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            logs.fault("notices_unreadable", error)
        return _Told(secrets.token_hex(32), {}, no_icon=False)

    def _write(self, told: _Told) -> None:
        """A disk that takes nothing is logged: what was told is told again."""
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(json.dumps({"v": 1, **told._asdict()}, indent=1).encode() + b"\n")
            fresh.replace(self._path)
        except OSError as error:
            logs.fault("notices_not_kept", error)


def _fingerprint(key: str, certificate: str) -> str:
    return hmac.new(bytes.fromhex(key), certificate.encode(), hashlib.sha256).hexdigest()


def _parse(content: Any) -> _Told:
    match content:
        case {"v": 1, "key": str(key), "expiry": dict(expiry), "no_icon": bool(no_icon), **rest} if not rest:
            bytes.fromhex(key)
            return _Told(key, {str(each): int(days) for each, days in expiry.items()}, no_icon)
    raise ValueError("not what was told")
