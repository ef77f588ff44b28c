"""The icon: a smart card, and one mark per state that differs in shape as well as in colour (legible from 16 px)."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from tray.menu import State

_SCALE = 8
"""Drawn on a grid of 16 × 16 units of this many pixels, then reduced: smooth edges at every size."""
_CARD, _PALE_CARD, _EDGE, _CHIP, _PALE_CHIP = "#1f5fa8", "#8a93a0", "#ffffff", "#ffd257", "#c9ced6"
_GREEN, _GREY, _AMBER, _RED, _WHITE = "#1d8a3c", "#59626e", "#e08a00", "#c62828", "#ffffff"


class _Pen:
    """Draws in units of a 16 × 16 grid."""

    def __init__(self, image: Image.Image) -> None:
        self._draw = ImageDraw.Draw(image)
        self._unit = image.width / 16

    def card(self, body: str, chip: str) -> None:
        self._draw.rounded_rectangle(self._at(0, 2, 16, 13), self._unit * 1.6, fill=_EDGE)
        self._draw.rounded_rectangle(self._at(0.8, 2.8, 15.2, 12.2), self._unit * 1.1, fill=body)
        self._draw.rounded_rectangle(self._at(2.6, 5, 6.2, 8.2), self._unit * 0.6, fill=chip)

    def disc(self, colour: str) -> None:
        self._draw.ellipse(self._at(6.4, 6.4, 16, 16), fill=_EDGE)
        self._draw.ellipse(self._at(7.1, 7.1, 15.3, 15.3), fill=colour)

    def square(self, colour: str) -> None:
        self._draw.rounded_rectangle(self._at(6.4, 6.4, 16, 16), self._unit * 1.2, fill=_EDGE)
        self._draw.rounded_rectangle(self._at(7.1, 7.1, 15.3, 15.3), self._unit * 0.8, fill=colour)

    def triangle(self, colour: str) -> None:
        self._draw.polygon(self._points((10.8, 4.6), (16, 16), (5.6, 16)), fill=_EDGE)
        self._draw.polygon(self._points((10.8, 6.4), (15, 15.4), (6.6, 15.4)), fill=colour)

    def line(self, *points: tuple[float, float], width: float = 1.5) -> None:
        self._draw.line(self._points(*points), fill=_WHITE, width=round(width * self._unit), joint="curve")

    def dot(self, x: float, y: float, radius: float) -> None:
        self._draw.ellipse(self._at(x - radius, y - radius, x + radius, y + radius), fill=_WHITE)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._draw.rectangle(self._at(x0, y0, x1, y1), fill=_WHITE)

    def arc(self, x0: float, y0: float, x1: float, y1: float, *, whole: bool = False) -> None:
        self._draw.arc(self._at(x0, y0, x1, y1), 180, 360 if whole else 345, fill=_WHITE, width=round(self._unit))

    def _at(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        unit = self._unit
        return x0 * unit, y0 * unit, x1 * unit - 1, y1 * unit - 1

    def _points(self, *points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * self._unit, y * self._unit) for x, y in points]


def draw(state: State, size: int = 64) -> Image.Image:
    """The icon of a state, RGBA, size × size pixels."""
    large = Image.new("RGBA", (16 * _SCALE * 2, 16 * _SCALE * 2), (0, 0, 0, 0))
    pen = _Pen(large)
    absent = state in (State.NO_CARD, State.NO_READER)
    pen.card(_PALE_CARD if absent else _CARD, _PALE_CHIP if absent else _CHIP)
    _MARKS[state](pen)
    return large.resize((size, size), Image.Resampling.LANCZOS)


def _check(pen: _Pen) -> None:
    pen.disc(_GREEN)
    pen.line((8.8, 11.3), (10.6, 13.1), (13.8, 9.5))


def _arrow_in(pen: _Pen) -> None:
    """A card is to be put in."""
    pen.disc(_GREY)
    pen.line((11.2, 8.4), (11.2, 13.6))
    pen.line((8.9, 11.4), (11.2, 13.7), (13.5, 11.4))


def _cross(pen: _Pen) -> None:
    pen.disc(_GREY)
    pen.line((9.2, 9.2), (13.2, 13.2))
    pen.line((13.2, 9.2), (9.2, 13.2))


def _open_lock(pen: _Pen) -> None:
    pen.disc(_AMBER)
    pen.arc(9.6, 8, 12.8, 12.4)
    pen.box(9, 10.8, 13.4, 13.8)


def _one_left(pen: _Pen) -> None:
    """A closed lock in a square: the next wrong PIN closes it."""
    pen.square(_RED)
    pen.arc(9.4, 7.7, 13, 12.4, whole=True)
    pen.box(8.9, 10.8, 13.5, 14.2)


def _exclamation(pen: _Pen) -> None:
    pen.triangle(_RED)
    pen.line((10.8, 8.9), (10.8, 12.2), width=1.5)
    pen.dot(10.8, 14, 0.85)


_MARKS: dict[State, Callable[[_Pen], None]] = {
    State.READY: _check,
    State.NO_CARD: _arrow_in,
    State.NO_READER: _cross,
    State.UNLOCKED: _open_lock,
    State.NEARLY_LOCKED: _one_left,
    State.ATTENTION: _exclamation,
}
