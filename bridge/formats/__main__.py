"""The worker: one order on stdin, one answer on stdout, and it is gone. No PIN, no card, no network, few resources."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from bridge.formats import confinement, table
from bridge.formats.order import MAX_ORDER, Command, Order, Refusal


def main() -> int:
    """Exit status 0 with an answer: `{"result": facts}` or `{"error": {code, reason}}`."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    order = Order.parse(sys.stdin.buffer.read(MAX_ORDER))
    reader = _reader(order.format)
    confinement.confine()
    answers.write(json.dumps(_answer(order, reader), separators=(",", ":")).encode())
    answers.close()
    return 0


def _reader(name: str) -> table.Reader | Refusal:
    """Its libraries are loaded first: what is confined may open no more of them."""
    try:
        return table.reader(name)
    except Refusal as refusal:
        return refusal


def _answer(order: Order, reader: table.Reader | Refusal) -> dict[str, Any]:
    try:
        if isinstance(reader, Refusal):
            raise reader
        if order.command is Command.PREPARE:
            _require_size(order)
            return {"result": reader.prepare(order)}
        reader.finish(order)
    except Refusal as refusal:
        return {"error": {"code": refusal.code, "reason": str(refusal)}}
    return {"result": {}}


def _require_size(order: Order) -> None:
    limit = table.KINDS[order.format].max_bytes
    if order.document.stat().st_size > limit:
        raise Refusal("too_large", f"{order.format}: at most {limit} bytes")


if __name__ == "__main__":
    sys.exit(main())
