"""Where everything stands in the window (pure): sizes come from measured texts, so that nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol

from tray.pin_window.moods import Mood
from tray.pin_window.win32.wrap import wrap


class Face(Enum):
    """Size in parts of the body's, and whether bold."""

    BODY = (1.0, False)
    BOLD = (1.0, True)
    LEAD = (1.1, True)
    FIELD = (1.25, False)
    ORIGIN = (1.35, True)
    NUMBER = (1.6, True)

    def __init__(self, scale: float, bold: bool) -> None:
        self.scale, self.bold = scale, bold


class Key(Enum):
    """The parts that the window speaks to later; everything else is a label."""

    LABEL = auto()
    PIN = auto()
    HALF_WIDTH = auto()
    UPPER_CASE = auto()
    CAPS_LOCK = auto()
    INSISTENCE = auto()
    WORD = auto()
    PERSON = auto()
    HINT = auto()
    OK = auto()
    CANCEL = auto()
    REMAINING = auto()
    EXTEND = auto()
    LIST = auto()
    CHOICE = auto()
    KEEP = auto()


BUTTONS = frozenset((Key.OK, Key.CANCEL, Key.HALF_WIDTH, Key.UPPER_CASE, Key.EXTEND))


class Rect(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


class Item(NamedTuple):
    """One control. A label's text has its line ends already."""

    key: Key
    text: str
    place: Rect
    face: Face = Face.BODY
    mood: Mood | None = None
    """Of the box behind it."""
    muted: bool = False
    spoken: str = ""
    """Its name for screen readers, where that is not the label before it."""
    number: int = 0
    """Which certificate of the choice, from 0."""
    enabled: bool = True


class Panel(NamedTuple):
    """A coloured box behind a label; the hint's takes the hint's mood of the moment."""

    place: Rect
    mood: Mood | None


class Size(NamedTuple):
    width: int
    height: int


class Plan(NamedTuple):
    size: Size
    """Of the inside of the window."""
    items: tuple[Item, ...]
    panels: tuple[Panel, ...]
    footer: int
    """Where the footer begins."""
    fits: bool
    list_scrolls: bool


class Measure(Protocol):
    """Texts in pixels, in the faces of one resolution."""

    def width(self, text: str, face: Face) -> int: ...
    def height(self, face: Face) -> int: ...
    def scaled(self, pixels: int) -> int:
        """Pixels at 100 % → pixels here."""
        ...


class Column:
    """Places one thing below the other between two margins."""

    def __init__(self, measure: Measure, left: int, room: int, top: int) -> None:
        self._measure = measure
        self.left, self.room, self.y = left, room, top
        self.items: list[Item] = []
        self.panels: list[Panel] = []

    def skip(self, pixels: int) -> None:
        self.y += self._measure.scaled(pixels)

    def lines(self, text: str, room: int, face: Face) -> list[str]:
        return wrap(text, room, lambda part: self._measure.width(part, face))

    def text(self, text: str, face: Face = Face.BODY, *, muted: bool = False, inset: int = 0) -> Rect:
        """A label over the whole width, or from `inset` pixels on."""
        place = self.label(text, self.left + inset, self.y, self.room - inset, face, muted=muted)
        self.y = place.bottom
        return place

    def label(self, text: str, x: int, y: int, room: int, face: Face = Face.BODY, *, muted: bool = False) -> Rect:
        """A label anywhere; it takes what its lines need."""
        lines = self.lines(text, room, face)
        # A pixel more than measured: italics and Windows' own rounding.
        width = min(max(self._measure.width(line, face) for line in lines) + 2, room)
        place = Rect(x, y, width, self._measure.height(face) * len(lines))
        self.items.append(Item(Key.LABEL, "\n".join(lines), place, face, muted=muted))
        return place

    def box(self, text: str, mood: Mood) -> None:
        """A label in a coloured box over the whole width."""
        pad = self._measure.scaled(8)
        lines = self.lines(text, self.room - 2 * pad, Face.BOLD)
        height = self._measure.height(Face.BOLD) * len(lines)
        self._boxed(Item(Key.LABEL, "\n".join(lines), Rect(0, 0, 0, height), Face.BOLD, mood))

    def changing(self, key: Key, texts: list[str]) -> None:
        """A box whose text changes: as high as the highest of them needs."""
        lines = max(len(self.lines(text, self.room - 2 * self._measure.scaled(8), Face.BODY)) for text in texts)
        self._boxed(Item(key, "", Rect(0, 0, 0, self._measure.height(Face.BODY) * lines)))

    def _boxed(self, item: Item) -> None:
        pad = self._measure.scaled(8)
        outer = Rect(self.left, self.y, self.room, item.place.height + 2 * pad)
        inner = Rect(outer.x + pad, outer.y + pad, outer.width - 2 * pad, item.place.height)
        self.panels.append(Panel(outer, item.mood))
        self.items.append(item._replace(place=inner))
        self.y = outer.bottom


def button_width(measure: Measure, text: str, least: int) -> int:
    """`least` in pixels at 100 %."""
    return max(measure.width(text.replace("&", ""), Face.BODY) + 2 * measure.scaled(16), measure.scaled(least))


def footer_height(measure: Measure) -> int:
    return measure.height(Face.BODY) + measure.scaled(16) + 2 * measure.scaled(12)


def footer_left(measure: Measure, x: int, y: int, remaining: str, extend: str, others: Sequence[str]) -> list[Item]:
    """What is left of the time, once that is shown, and the button for more; or one of the others in their place."""
    line, height = measure.height(Face.BODY), measure.height(Face.BODY) + measure.scaled(16)
    counted = measure.width(remaining.format(88, 88), Face.BODY)
    wide = max(counted, *(measure.width(other, Face.BODY) for other in others), 0) + 2
    button = Rect(x + counted + measure.scaled(10), y, button_width(measure, extend, 0), height)
    return [Item(Key.REMAINING, "", Rect(x, y + (height - line) // 2, wide, line)), Item(Key.EXTEND, extend, button)]
