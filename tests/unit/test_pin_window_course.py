"""The course of a prompt, the same in every window: when keys count, what OK needs, and how time ends."""

from __future__ import annotations

import pytest

from tests.desktop.questions import question
from tray.pin_window.answer import Filled, Reason
from tray.pin_window.course import Course
from tray.pin_window.fields import Written
from tray.pin_window.focus import GUARD_SECONDS
from tray.pin_window.form import Blocker
from tray.pin_window.prompt import Prompt
from tray.pin_window.question import parse
from tray.pin_window.typed import TypedPin


class Told(Prompt):
    """Keeps what it is told instead of writing it and ending the process."""

    def __init__(self, *, stays: bool = False) -> None:
        self.agreements: list[Filled] = []
        self.refusals: list[Reason] = []
        self._stays = stays

    def agreed(self, filled: Filled) -> bool:
        self.agreements.append(filled)
        return self._stays

    def refused(self, reason: Reason) -> None:  # type: ignore[override]  # the real one never returns
        self.refusals.append(reason)


class Desk:
    """A window without a window, and a clock that stands still."""

    def __init__(self, **changes: object) -> None:
        self.seconds = 100.0
        self.pin, self.told, self.written = TypedPin(), Told(stays=bool(changes.get("pinPad"))), Written()
        asked = parse(question(**changes))
        self.course = Course(asked, self.pin, self.told, lambda: self.seconds, lambda: self.written)

    def focus(self) -> None:
        self.course.guard.gained()
        self.seconds += GUARD_SECONDS

    def type(self, text: str) -> None:
        for character in text:
            self.pin.insert(len(self.pin), ord(character))
        self.course.typed()


def test_enter_before_the_guard_time_does_nothing() -> None:
    desk = Desk()
    desk.type("1234")
    desk.course.guard.gained()
    desk.seconds += GUARD_SECONDS - 0.01
    assert not desk.course.agree()
    assert desk.course.obstacle() is Blocker.WAIT
    assert desk.told.agreements == []
    desk.seconds += 0.02
    desk.course.agree()
    assert desk.told.agreements == [Filled("", None, None)]


def test_a_pin_does_not_outlive_the_focus() -> None:
    desk = Desk()
    desk.focus()
    desk.type("1234")
    desk.course.lost_focus()
    assert desk.pin.wiped
    desk.focus()
    assert desk.course.obstacle() is Blocker.INTERRUPTED
    desk.course.agree()
    desk.type("1")
    assert desk.course.obstacle() is Blocker.PIN_SHORT
    assert desk.told.agreements == []


def test_enter_with_something_missing_says_so_once() -> None:
    desk = Desk()
    desk.focus()
    urgent = []
    for step in (desk.course.agree, lambda: desk.type("1")):
        step()
        urgent.append(desk.course.urgent)
    assert urgent == [True, False]
    assert desk.told.agreements == []


@pytest.mark.parametrize(
    ("changes", "written", "blocker"),
    [
        ({"typed": "承知しました"}, Written(word="承知"), Blocker.WORD),
        ({"notice": "same_pin", "insistence": "もう一度送る"}, Written(insistence="もう"), Blocker.INSISTENCE),
        ({}, Written(person="1234"), Blocker.PERSON_IS_PIN),
    ],
)
def test_what_else_keeps_ok_from_working(changes: dict[str, object], written: Written, blocker: Blocker) -> None:
    desk = Desk(**changes)
    desk.focus()
    desk.type("1234")
    desk.written = written
    assert desk.course.obstacle() is blocker
    desk.course.agree()
    assert desk.told.agreements == []


def test_words_are_answered_as_they_were_asked_for() -> None:
    desk = Desk(typed="LAST TRY", notice="same_pin", insistence="SEND AGAIN")
    desk.focus()
    desk.type("1234")
    desk.written = Written(person=" 山田 ", word="ｌａｓｔ　ｔｒｙ", insistence=" send again ")
    desk.course.agree()
    assert desk.told.agreements == [Filled("山田", "LAST TRY", "SEND AGAIN")]


def test_one_answer_is_given() -> None:
    desk = Desk(pin=None, pinPad=True)
    desk.focus()
    assert desk.course.agree()
    desk.course.refuse(Reason.CANCELLED)
    assert not desk.course.agree()
    assert len(desk.told.agreements) == 1
    assert desk.told.refusals == []


def test_the_last_minute_is_shown_can_be_prolonged_and_ends() -> None:
    desk = Desk(timeoutSeconds=300)
    desk.seconds += 239
    assert desk.course.last_minute() is None
    desk.seconds += 1.5
    assert desk.course.last_minute() == (1, 0)
    desk.course.prolong()
    assert desk.course.last_minute() is None
    desk.seconds += 300
    desk.course.last_minute()
    assert desk.told.refusals == [Reason.TIMEOUT]
