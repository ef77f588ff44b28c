"""HTML as a tree, for pages that nest as they should (`tests/browser/markup.py` checks that they do)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from tests.browser.markup import VOID

# What stands in a line of text; any other element begins and ends one.
_INLINE: Final = frozenset({"a", "span", "strong", "time"})


@dataclass
class Element:
    """An element with its attributes and, in order, what is in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """Its words, as a person reads them: white space runs together, a new line is a space."""
        return " ".join(self._words().split())

    def _words(self) -> str:
        words = "".join(each if isinstance(each, str) else each._words() for each in self.inside)
        return words if self.tag in _INLINE else f" {words} "

    def walk(self) -> Iterator[Element]:
        """Itself and all elements in it, in the order of the document."""
        yield self
        for each in self.inside:
            if isinstance(each, Element):
                yield from each.walk()

    def prune(self, unwanted: frozenset[str]) -> None:
        """Takes out what is hidden, and elements with one of these classes or tags."""
        self.inside = [each for each in self.inside if isinstance(each, str) or not each._one_of(unwanted)]
        for each in self.inside:
            if isinstance(each, Element):
                each.prune(unwanted)

    def _one_of(self, unwanted: frozenset[str]) -> bool:
        return "hidden" in self.attributes or not unwanted.isdisjoint({self.tag, *self.classes})


def parse(html: str) -> Element:
    """The document as one element without a name."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.open[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)
