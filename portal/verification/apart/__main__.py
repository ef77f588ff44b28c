"""The reading process: a file on stdin, what is signed in it on stdout, and it is gone. No network, few resources."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Callable

from portal.refusals import Refused
from portal.verification.apart import confinement, frames
from portal.verification.apart.frames import Order
from portal.verification.opening import Kind, Read


def main() -> int:
    """Exit status 0 with an answer."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    order = frames.order(sys.stdin.buffer)
    read = _reader(order.kind)
    confinement.confine()
    try:
        said = frames.answer(read(order))
    except Refused as refused:
        said = frames.refusal(refused)
    answers.write(said)
    answers.close()
    return 0


def _reader(kind: Kind) -> Callable[[Order], tuple[Read, ...]]:
    """Its libraries are loaded before it is confined, and those of the other kind not at all."""
    if kind is Kind.PDF:
        from portal.verification import pdf

        loop = asyncio.new_event_loop()  # it wakes itself over a socket, and there are none later
        return lambda order: pdf.open_stream(io.BytesIO(order.file), order.now, loop.run_until_complete)
    from portal.verification import xml

    return lambda order: (Read("", xml.open_stream(io.BytesIO(order.file), order.beside, stamps=True)),)


if __name__ == "__main__":
    sys.exit(main())
