"""Passwords of 入札情報公開システム: kept as Argon2id hashes alone, made and checked off the event loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

# RFC 9106 §4, the second recommended option: 3 passes over 64 MiB in 4 lanes, 128 bits of salt, 256 of tag.
_PASSES, _LANES, _KIB, _SALT, _TAG = 3, 4, 64 * 1024, 16, 32
_AT_ONCE = 2  # each takes 64 MiB
# A hash of no password, with which one is compared where there is none: the answer takes as long.
_NOBODY: Final = f"$argon2id$v=19$m={_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"


class Passwords:
    """Hashes in PHC form. `salt` gives so many random bytes."""

    def __init__(self, salt: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._salt = salt
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def derive(self, password: str) -> str:
        """The hash to keep of a password."""
        async with self._free:
            return await asyncio.to_thread(_derive, password, self._salt(_SALT))

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether this is the password of a kept hash; without one it takes as long and is no."""
        async with self._free:
            return await asyncio.to_thread(_verify, password, kept or _NOBODY)


def _derive(password: str, salt: bytes) -> str:
    hasher = Argon2id(salt=salt, length=_TAG, iterations=_PASSES, lanes=_LANES, memory_cost=_KIB)
    return hasher.derive_phc_encoded(password.encode())


def _verify(password: str, kept: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode(), kept)
    except InvalidKey:
        return False
    return True
