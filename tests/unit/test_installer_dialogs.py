"""The MSI's dialogs as tables; `tests/windows/test_dialogs.py` goes through them."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from installer.wix import additions
from installer.wix.ui import dialogs, tables, texts

ROW = re.compile(r"INSERT INTO `(\w+)` \(([^)]*)\) VALUES \((.*)\)", re.DOTALL)
VALUE = re.compile(r"'([^']*)'|(-?\d+)")


class Box(NamedTuple):
    name: str
    x: int
    y: int
    width: int
    height: int

    def is_apart(self, other: Box) -> bool:
        beside = self.x + self.width <= other.x or other.x + other.width <= self.x
        return beside or self.y + self.height <= other.y or other.y + other.height <= self.y


def rows(table: str) -> list[dict[str, str]]:
    found = []
    for query in additions.queries():
        if (match := ROW.fullmatch(query)) and match[1] == table:
            values = [text or number for text, number in VALUE.findall(match[3])]
            found.append(dict(zip(re.findall(r"`(\w+)`", match[2]), values, strict=True)))
    return found


def test_every_text_is_stored_in_both_languages_and_every_text_is_used() -> None:
    english = {row["Property"]: row["Value"] for row in rows("Property") if row["Property"].startswith("Text_")}
    japanese = {row["Source"]: row["Target"] for row in rows("CustomAction") if row["Action"].startswith("Japanese_")}
    assert english.keys() == japanese.keys()
    for name in english:
        assert japanese[name].encode("cp932")
        assert len(japanese[name].encode("cp932")) <= 255, "the column's width"
        assert not re.search("[ぁ-んァ-ヶ一-龠]", english[name])
    shown = {row.get("Text", "") for row in rows("Control")} | {row["Title"] for row in rows("Dialog")}
    used = {name for name in english if any(f"[{name}]" in text for text in shown)}
    assert english.keys() - used == {f"Text_{key}" for key in texts.EVERYWHERE}


def test_every_dialogs_keyboard_ring_goes_through_all_that_can_be_chosen() -> None:
    for dialog in rows("Dialog"):
        ring = {
            row["Control"]: row["Control_Next"]
            for row in rows("Control")
            if row["Dialog_"] == dialog["Dialog"] and row["Type"] in ("PushButton", "CheckBox")
        }
        here, seen = dialog["Control_First"], []
        while here not in seen:
            seen.append(here)
            here = ring[here]
        assert sorted(seen) == sorted(ring)
        assert {dialog["Control_Default"], dialog["Control_Cancel"]} <= set(ring)


def test_nothing_lies_outside_its_dialog_and_no_text_on_another() -> None:
    size = {row["Dialog"]: (int(row["Width"]), int(row["Height"])) for row in rows("Dialog")}
    for dialog, (width, height) in size.items():
        boxes = [
            Box(row["Control"], *(int(row[name]) for name in ("X", "Y", "Width", "Height")))
            for row in rows("Control")
            if row["Dialog_"] == dialog and row["Control"] != "removed"  # instead of the others
        ]
        for box in boxes:
            assert box.x >= 0 <= box.y
            assert box.x + box.width <= width
            assert box.y + box.height <= height
            assert all(box is other or box.is_apart(other) for other in boxes), (dialog, box)


def test_how_it_ended_is_said_by_the_dialog_that_windows_installer_asks_for() -> None:
    numbers = {row["Action"]: int(row["Sequence"]) for row in rows("InstallUISequence")}
    ends = {"Ended": -1, "Stopped": -2, "Failed": -3}
    assert {name: numbers[name] for name in ends} == ends


def test_who_removed_the_program_is_not_asked_to_start_it() -> None:
    set_by = [row for row in rows("ControlEvent") if row["Event"] == "[REMOVE]"]
    assert [(row["Dialog_"], row["Control_"], row["Argument"]) for row in set_by] == [("Maintenance", "remove", "ALL")]
    gone = 'REMOVE="ALL"'
    shown = {row["Control_"]: row["Condition"] for row in rows("ControlCondition") if row["Dialog_"] == "Ended"}
    there = f"NOT {gone}"
    assert shown == {"browsers": there, "icon": there, "removed": gone, "start": there}
    (start,) = [row for row in rows("ControlEvent") if row["Event"] == "DoAction"]
    assert start["Condition"] == f"STARTNOW=1 AND {there}"


@pytest.mark.parametrize("word", ["BROWSER_POLICY", "ALLOWED_ORIGINS"])
def test_no_dialog_offers_what_is_an_administrators_alone(word: str) -> None:
    assert not any(word in query for query in (*dialogs.queries(), *texts.queries(), *tables.queries()))


def test_texts_are_stored_by_the_japanese_code_page() -> None:
    assert additions.CODE_PAGE == "\r\n\r\n932\t_ForceCodepage\r\n"
