"""One line of the diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Check(NamedTuple):
    """One line. Holds nothing personal: no names, no serial numbers."""

    name: str
    ok: bool
    ja: str
    en: str

    def wire(self) -> dict[str, Any]:
        return {"check": self.name, "ok": self.ok, "text": {"ja": self.ja, "en": self.en}}


Step = Callable[[], Iterable[Check]]
