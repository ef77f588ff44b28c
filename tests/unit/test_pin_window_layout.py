"""The Windows window's plan, with letters of known widths: nothing cut, nothing on top of something else."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desktop.questions import question
from tests.desktop.screenshots import PICTURES, Picture
from tray.pin_window import fields
from tray.pin_window.facts import Row, rows
from tray.pin_window.form import Blocker
from tray.pin_window.question import parse
from tray.pin_window.texts import load
from tray.pin_window.win32.layout import Face, Item, Key, Plan, Rect, Size
from tray.pin_window.win32.listing import listed
from tray.pin_window.win32.plan import plan
from tray.pin_window.win32.wrap import wrap

ROOM = Size(1280, 980)


class Letters:
    """As wide as Yu Gothic UI's: 6 pixels, CJK 13, times the face's size and the screen's scale."""

    def __init__(self, per_cent: int = 100) -> None:
        self._per_cent = per_cent

    def width(self, text: str, face: Face) -> int:
        plain = sum(13 if ord(letter) >= 0x2E80 else 7 if letter.isupper() else 6 for letter in text)
        return round(plain * face.scale * (1.08 if face.bold else 1) * self._per_cent / 100)

    def height(self, face: Face) -> int:
        return round(19 * face.scale * self._per_cent / 100)

    def scaled(self, pixels: int) -> int:
        return pixels * self._per_cent // 100


def planned(picture: Picture, measure: Letters, room: Size = ROOM) -> Plan:
    asked = parse(question(**picture.changes))
    return plan(asked, load(asked.language), measure, room)


def overlap(one: Rect, other: Rect) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def together(one: Item, other: Item) -> bool:
    """Whether both can be seen at the same time."""
    if any(item.key is Key.LIST and not item.text for item in (one, other)):  # without rows it is not shown
        return False
    return {one.key, other.key} != {Key.HALF_WIDTH, Key.UPPER_CASE} and Key.REMAINING not in (one.key, other.key)


@pytest.mark.parametrize("per_cent", [100, 150, 200])
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_everything_is_inside_and_nothing_overlaps(picture: Picture, per_cent: int) -> None:
    room = Size(1280 * per_cent // 100, 980 * per_cent // 100)
    found = planned(picture, Letters(per_cent), room)
    assert found.fits
    assert found.size.width <= room.width
    places = [item.place for item in found.items]
    assert all(place.x >= 0 and place.right <= found.size.width for place in places)
    assert all(place.y >= 0 and place.bottom <= found.size.height for place in places)
    pairs = [(one, other) for one, other in combinations(found.items, 2) if together(one, other)]
    assert [(one, other) for one, other in pairs if overlap(one.place, other.place)] == []


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_no_text_is_cut(picture: Picture) -> None:
    measure = Letters()
    for item in planned(picture, measure).items:
        if item.key in (Key.LABEL, Key.CAPS_LOCK):
            lines = item.text.split("\n")
            assert max(measure.width(line, item.face) for line in lines) <= item.place.width, item
            assert measure.height(item.face) * len(lines) <= item.place.height, item
        elif item.key in (Key.CHOICE, Key.KEEP):
            lines = item.text.replace("&&", "&").split("\n")
            assert max(measure.width(line, item.face) for line in lines) + 20 <= item.place.width, item
            assert measure.height(item.face) * len(lines) <= item.place.height, item
        elif item.key in (Key.OK, Key.CANCEL, Key.EXTEND, Key.HALF_WIDTH, Key.UPPER_CASE):
            assert measure.width(item.text.replace("&", ""), item.face) + 20 <= item.place.width, item


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_every_hint_has_room(picture: Picture) -> None:
    asked, measure = parse(question(**picture.changes)), Letters()
    texts = load(asked.language)
    for item in planned(picture, measure).items:
        if item.key is Key.HINT:
            for found in (*Blocker, None):
                hint = fields.hint(asked, texts, found)
                lines = wrap(hint, item.place.width, lambda part: measure.width(part, Face.BODY))
                assert len(lines) * measure.height(Face.BODY) <= item.place.height


def test_a_screen_too_low_makes_the_window_wide_and_says_when_that_is_not_enough() -> None:
    (last_try,) = [picture for picture in PICTURES if picture.name == "last-try-en"]
    high, low, lowest = (planned(last_try, Letters(), Size(1280, height)) for height in (900, 700, 400))
    assert high.size.width == 620
    assert (low.fits, low.size.width > 620) == (True, True)
    assert not lowest.fits


def test_tab_goes_from_the_pin_to_ok_and_then_to_the_list() -> None:
    (same,) = [picture for picture in PICTURES if picture.name == "same-pin-ja"]
    keys = [item.key for item in planned(same, Letters()).items if item.key not in (Key.LABEL, Key.HINT)]
    assert keys == [
        *(Key.PIN, Key.HALF_WIDTH, Key.UPPER_CASE, Key.CAPS_LOCK, Key.INSISTENCE, Key.PERSON),
        *(Key.OK, Key.CANCEL, Key.REMAINING, Key.EXTEND, Key.LIST),
    ]


def test_person_stands_below_the_pin() -> None:
    by_key = {item.key: item.place for item in planned(PICTURES[0], Letters()).items}
    assert by_key[Key.PIN].bottom < by_key[Key.PERSON].y
    assert by_key[Key.PIN].x == by_key[Key.PERSON].x


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=80)
ROWS = st.lists(st.builds(Row, st.integers(0, 4), TEXT, st.none() | TEXT), max_size=8)


def squeezed(text: str) -> str:
    return re.sub(r"[\s■□]", "", text)


@given(ROWS, st.integers(300, 800))
def test_the_list_holds_every_character_and_no_line_is_too_wide(shown: list[Row], room: int) -> None:
    def width(text: str) -> int:
        return Letters().width(text, Face.BODY)

    lines = listed(shown, room, width)
    assert all(width(line) <= room for line in lines)
    wanted = sorted("".join(squeezed(row.label + (row.value or "")) for row in shown))
    assert sorted(squeezed("".join(lines))) == wanted


def test_values_stand_in_one_column() -> None:
    asked = parse(question())

    def width(text: str) -> int:
        return Letters().width(text, Face.BODY)

    values = {row.value for row in rows(asked, load("ja")) if row.value}
    starts = [
        width(line[: line.index(value)])
        for line in listed(rows(asked, load("ja")), 540, width)
        for value in values
        if line.endswith(value) and not line.startswith("■")
    ]
    assert len(starts) > 20
    assert max(starts) - min(starts) <= width(" ")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("短い", ["短い"]),
        ("一二三四五六七、八", ["一二三四五六", "七、八"]),
        ("一二三四五六「七八", ["一二三四五六", "「七八"]),
        ("one two three four", ["one two three", "four"]),
        ("https://portal.example/", ["https://portal.e", "xample/"]),
        ("a\nb", ["a", "b"]),
        ("", [""]),
    ],
)
def test_lines_break_where_japanese_and_latin_may(text: str, lines: list[str]) -> None:
    assert wrap(text, 78 if "一" in text else 96, lambda part: Letters().width(part, Face.BODY)) == lines


class Counting(Letters):
    asked = 0

    def width(self, text: str, face: Face) -> int:
        self.asked += 1
        return super().width(text, face)


def test_hundreds_of_documents_are_laid_out_with_few_questions() -> None:
    """Windows is asked for each width: 54 for each document once took seconds on a slow PC."""
    row = {"size": 184_000, "hash": "SHA-256", "raw": False}
    documents = [{"name": f"内訳書_{at}.pdf", "digest": f"{at:064x}", **row} for at in range(500)]
    measure = Counting()
    picture = Picture("", {"confirmation": None, "content": {"type": "documents", "documents": documents}})
    assert planned(picture, measure).fits
    assert measure.asked < 20 * 500
