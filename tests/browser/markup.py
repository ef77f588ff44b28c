"""Whether HTML as it was sent nests as it should: JIS X 8341-3:2016, 4.1.1 (browsers repair silently what is wrong)."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

# HTML Living Standard §13.1.2: elements without an end.
VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


def faults(html: str) -> list[str]:
    """What is wrong, with its line: unmatched or unclosed tags, attributes given twice, an id used twice."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [*reader.faults, *(f"{line}: <{tag}> is never closed" for tag, line in reader.open)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, int]] = []
        self.faults: list[str] = []
        self._ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        names = [name for name, _ in attrs]
        self.faults += [f"{line}: {name} twice on <{tag}>" for name in set(names) if names.count(name) > 1]
        for identity in (value for name, value in attrs if name == "id" and value is not None):
            self.faults += [f"{line}: id {identity} twice"] if identity in self._ids else []
            self._ids.add(identity)
        if tag not in VOID:
            self.open.append((tag, line))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()
        else:
            self.faults.append(f"{self.getpos()[0]}: </{tag}> closes nothing")
