"""Run as a program: log in with a PIN from stdin, sign, wipe it, then look for it in this process's own memory.

Arguments: the library's path, the profile of the token, `wiped` or `kept`. Stdin: the PIN's length, the PIN, then the
PIN again with every bit turned, so that the search itself holds no copy. For a reader with keys of its own the length
is 0: the PIN is typed there. Prints how many copies were found, and how often the PIN was given.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bridge.card import certinfo
from bridge.card.pkcs11.adapter import Pkcs11Port
from bridge.card.port import CardSession, Token
from bridge.card.safety.pin import Pin

_TURN = bytes(0xFF - value for value in range(256))
_STEP = 1 << 20


def main(library: Path, profile: str, kept: bool) -> int:
    length = os.read(0, 1)[0]
    pin = Pin(length)
    os.readv(0, [pin.memory()])
    turned = os.read(0, 256)
    port = Pkcs11Port(library)
    (token,) = (token for token in port.tokens() if token.facts.profile == profile)
    session = token.open()
    session.login(pin)
    given = 1 + _signed(session, token, pin)
    if not kept:
        pin.wipe()
    print(copies(turned), given)
    session.close()
    port.close()
    return 0


def _signed(session: CardSession, token: Token, pin: Pin) -> int:
    """How often one signature took the PIN once more. The certificate may show only now."""
    (certificate,) = (der for der in token.certificates() if certinfo.issuer(der) is not None)
    each_time = session.wants_pin(certificate)
    session.sign(certificate, b"data", pin if each_time else None)
    return int(each_time)


def copies(turned: bytes) -> int:
    """How often the PIN lies in writable memory. Reads piece by piece into one buffer, turned where it lies."""
    count = 0
    with Path("/proc/self/maps").open() as maps, Path("/proc/self/mem").open("rb", buffering=0) as memory:
        areas = [line.split()[0] for line in maps if "w" in line.split()[1]]
        for area in areas:
            start, end = (int(text, 16) for text in area.split("-"))
            for at in range(start, end, _STEP):
                count += _found(memory.fileno(), at, min(end, at + _STEP + len(turned)), turned)
    return count


def _found(memory: int, start: int, end: int, turned: bytes) -> int:
    try:
        piece = os.pread(memory, end - start, start)
    except (OSError, OverflowError):
        return 0  # a guard page, or [vsyscall]
    return piece.translate(_TURN).count(turned)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "kept"))
