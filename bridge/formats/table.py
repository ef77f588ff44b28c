"""Which module reads and writes which format. Loaded by the worker alone; the daemon reads the names only."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import NamedTuple, Protocol, cast

from bridge.formats.order import Command, Facts, Order, Refusal


class Kind(NamedTuple):
    module: str
    """Has `prepare` and `finish` as in `Reader`; loaded when a document of the kind is there."""
    max_bytes: int
    """Of a document."""
    prepares_with: str = ""
    """A module that `prepare` alone has use for: loaded before a document is there, and not for `finish`."""


KINDS = {
    "pades": Kind("bridge.formats.pdf", 100 << 20, "bridge.formats.pdf_update"),
    "xades": Kind("bridge.formats.xml", 16 << 20),
}
"""By format, as docs/protocol.md calls it."""


class Reader(Protocol):
    @staticmethod
    def prepare(order: Order) -> Facts:
        """What must be signed. May write `order.prepared`. Raises Refusal."""
        ...

    @staticmethod
    def finish(order: Order) -> None:
        """Writes `order.result`. Raises Refusal."""
        ...


def reader(name: str, command: Command) -> Reader:
    """Raises Refusal where this installation lacks the module or a library of it."""
    kind = KINDS[name]
    try:
        module: ModuleType = importlib.import_module(kind.module)
        if command is Command.PREPARE and kind.prepares_with:
            importlib.import_module(kind.prepares_with)
    except ImportError as error:
        raise Refusal("format_unavailable", f"{name} needs {error.name}") from error
    return cast("Reader", module)
