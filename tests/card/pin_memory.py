"""Run as a program: log in with a PIN from stdin, wipe it, then look for it in this process's own memory.

Arguments: the library's path, `wiped` or `kept`. Stdin: the PIN, then the PIN again with every bit turned, so that the
search itself holds no copy. Prints how many copies were found.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bridge.card.pkcs11.adapter import Pkcs11Port
from bridge.card.safety.pin import Pin

_TURN = bytes(0xFF - value for value in range(256))
_STEP = 1 << 20


def main(library: Path, kept: bool) -> int:
    length = os.read(0, 1)[0]
    pin = Pin(length)
    os.readv(0, [pin.memory()])
    turned = os.read(0, length)
    port = Pkcs11Port(library)
    (token,) = port.tokens()
    (certificate,) = token.certificates()
    session = token.open()
    session.login(pin)
    if not kept:
        pin.wipe()
    session.sign(certificate, b"data")
    print(copies(turned))
    session.close()
    port.close()
    return 0


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
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] == "kept"))
