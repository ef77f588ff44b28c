"""How many PIN tries are left, said only as exactly as the card says it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple


class Hint(StrEnum):
    """PKCS#11 v2.40 §3.3 knows COUNT_LOW, FINAL_TRY and LOCKED; a card's counter may say more."""

    MANY = "many"
    LOW = "low"
    LAST = "last"
    LOCKED = "locked"
    UNKNOWN = "unknown"


class Source(StrEnum):
    CARD = "card"
    FLAGS = "flags"
    LEDGER = "ledger"
    PROFILE = "profile"


class Tries(NamedTuple):
    """Tries left. `count` is None unless the card itself gave a number: a number is never invented."""

    hint: Hint
    count: int | None = None  # type: ignore[assignment]  # hides tuple.count, which nobody calls on a Tries
    max: int | None = None
    source: Source = Source.PROFILE

    @classmethod
    def counted(cls, count: int, maximum: int | None) -> Tries:
        """From a counter that the card reported (ISO 7816-4 §7.5.6, SW 63Cx)."""
        return cls(_hint(count, maximum), count, maximum, Source.CARD)

    @property
    def locked(self) -> bool:
        return self.hint is Hint.LOCKED

    def wire(self) -> dict[str, Any]:
        """The `tries` object of docs/protocol.md."""
        return {"hint": self.hint.value, "count": self.count, "max": self.max, "source": self.source.value}

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Tries:
        return cls(Hint(wire["hint"]), wire["count"], wire["max"], Source(wire["source"]))


UNKNOWN = Tries(Hint.UNKNOWN)


def _hint(count: int, maximum: int | None) -> Hint:
    if count <= 0:
        return Hint.LOCKED
    if count == 1:
        return Hint.LAST
    return Hint.LOW if maximum is not None and count < maximum else Hint.MANY
