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
    facts: tuple[tuple[str, str], ...] = ()
    """What the text says, for programs: of a setting key, layer and place."""

    def wire(self) -> dict[str, Any]:
        return {"check": self.name, "ok": self.ok, "text": {"ja": self.ja, "en": self.en}, **dict(self.facts)}

    def said(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


Step = Callable[[], Iterable[Check]]
