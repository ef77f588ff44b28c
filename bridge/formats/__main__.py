"""The worker: orders on stdin, a line each; an answer to each on stdout. No PIN, no card, no network.

Its libraries are loaded once, which costs more than a small document does. Where a system can, every order is then the
work of a child of its own, so that no document is ever in a process that has seen another (docs/decisions/0078).
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from bridge.formats import confinement, table
from bridge.formats.order import MAX_ORDER, Command, Order, Refusal, framed

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
Readers = dict[str, table.Reader | Refusal]
Answered = Callable[[bytes], bytes]


def main(arguments: list[str]) -> int:
    """`arguments`: a command, and the formats of the orders to come. An answer is `{"result": facts}` or
    `{"error": {code, reason}}` in a frame, which is empty where a child ended without.
    """
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints is no answer
    command, *names = arguments
    # Loaded first: what is confined may open no more of them.
    answered: Answered = partial(_answer, {name: _reader(name, Command(command)) for name in names})
    if sys.platform != "win32":
        from bridge.formats.children import Children

        answered = Children(answered).answer
    confinement.confine()
    while line := sys.stdin.buffer.readline(MAX_ORDER):
        answers.write(framed(answered(line)))
    return 0


def _reader(name: str, command: Command) -> table.Reader | Refusal:
    try:
        return table.reader(name, command)
    except Refusal as refusal:
        return refusal


def _answer(readers: Readers, line: bytes) -> bytes:
    order = Order.parse(line)
    confinement.confine_writing(order.result.parent)
    return json.dumps(_obeyed(order, readers[order.format]), separators=(",", ":")).encode()


def _obeyed(order: Order, reader: table.Reader | Refusal) -> dict[str, Any]:
    try:
        if isinstance(reader, Refusal):
            raise reader
        if order.command is Command.PREPARE:
            _require_size(order)
            return {"result": reader.prepare(order)}
        reader.finish(order)
    except Refusal as refusal:
        return {"error": {"code": refusal.code, "reason": str(refusal)}}
    except OSError as error:
        if error.errno not in _FULL:
            raise
        return {"error": {"code": "document_not_kept", "reason": "the disk is full"}}
    return {"result": {}}


def _require_size(order: Order) -> None:
    limit = table.KINDS[order.format].max_bytes
    if order.document.stat().st_size > limit:
        raise Refusal("too_large", f"{order.format}: at most {limit} bytes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
