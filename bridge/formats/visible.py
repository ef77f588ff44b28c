"""Where a visible signature stands in a PDF document, and whose name it shows: in a closed shape, free of PDF."""

from __future__ import annotations

from typing import Any, NamedTuple

from bridge.errors import BadRequest

Box = tuple[int, int, int, int]
_PAGES = 100_000
_WIDE, _HIGH = 60, 24
"""Points: below them three lines could not be read."""


class Visible(NamedTuple):
    page: int
    """From 1."""
    box: Box
    """Left, bottom, right, top in points, from the lower left corner of the page as it is shown upright."""
    name: str = ""
    """The holder's, where the certificate was known before."""

    @classmethod
    def parse(cls, raw: Any) -> Visible:
        """As a page says it: `{"page": 1, "box": [left, bottom, right, top]}`. Raises BadRequest."""
        match raw:
            case {"page": page, "box": [left, bottom, right, top], **rest} if not rest:
                numbers = (page, left, bottom, right, top)
                wide, high = (right - left, top - bottom) if all(type(each) is int for each in numbers) else (0, 0)
                if 1 <= page <= _PAGES and left >= 0 and bottom >= 0 and wide >= _WIDE and high >= _HIGH:
                    return cls(page, (left, bottom, right, top))
        raise BadRequest(
            f"visible has exactly page, and box: four whole points, at least {_WIDE} wide and {_HIGH} high"
        )

    def facts(self) -> dict[str, Any]:
        """As an order carries it."""
        return {"visible": [self.page, *self.box], "name": self.name}

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Visible | None:
        """Raises ValueError."""
        match facts:
            case {"visible": [int(page), int(left), int(bottom), int(right), int(top)], "name": str(name)}:
                return cls(page, (left, bottom, right, top), name)
            case _ if not facts:
                return None
        raise ValueError("no place of the bridge's")
