"""What is filled in beside the PIN, what keeps OK from working, and the words for it (pure): alike in every window."""

from __future__ import annotations

from typing import NamedTuple

from tray.pin_window import texts as words
from tray.pin_window.answer import Filled
from tray.pin_window.form import Blocker, insistence_blocker, person_blocker, pin_blocker, word_blocker
from tray.pin_window.question import Kind, Question
from tray.pin_window.texts import Texts
from tray.pin_window.typed import TypedPin

MAX_LENGTH = 60
"""Characters of a text field."""
WRONG = frozenset(
    (
        Blocker.PIN_FULL_WIDTH,
        Blocker.PIN_LOWER_CASE,
        Blocker.PIN_CHARACTERS,
        Blocker.PIN_LONG,
        Blocker.PERSON_IS_PIN,
    )
)
"""What is said at once and in red; the rest is only not yet finished."""


class Written(NamedTuple):
    """What stands in the text fields; empty for a field that is not shown."""

    person: str = ""
    word: str = ""
    insistence: str = ""
    chosen: int | None = None
    """Which certificate of the choice, from 0."""
    remember: bool = False


def blocker(question: Question, pin: TypedPin, written: Written) -> Blocker | None:
    """The first thing that keeps OK from working."""
    found = pin_blocker(list(pin), question.pin) if question.pin is not None else None
    found = found or insistence_blocker(written.insistence, question.insistence)
    found = found or word_blocker(written.word, question.typed)
    found = found or person_blocker(written.person, pin, question.pin)
    return found or (Blocker.CHOICE if question.choice is not None and written.chosen is None else None)


def filled(question: Question, written: Written) -> Filled:
    """What goes with the PIN; a word as it was asked for, since width and case of letters do not matter."""
    matches = word_blocker(written.word, question.typed) is None
    insists = question.insistence is not None and word_blocker(written.insistence, question.insistence) is None
    return Filled(
        written.person.strip(),
        question.typed if matches else written.word.strip(),
        question.insistence if insists else None,
        written.chosen,
        written.remember,
    )


def hint(question: Question, texts: Texts, found: Blocker | None) -> str:
    """The line that says what to do next."""
    if found is None:
        signs_now = bool(question.content) and not question.pin_pad
        return texts.ready_to_sign if signs_now else texts.ready
    rule = words.rule(texts, question.pin) if question.pin is not None else ""
    return texts.blocked[found].format(rule=rule, word=question.typed, insistence=question.insistence)


def limit(question: Question, texts: Texts) -> str:
    """How long the window stays, said from the beginning."""
    return texts.limit.format(-(-question.timeout // 60))


def alarm(question: Question, texts: Texts) -> str | None:
    """What is said first where a lock is near."""
    if question.kind is not Kind.PIN or question.tries is None:
        return None
    return words.alarm(texts, question.tries, confirmed=question.typed is not None)


def warnings(question: Question, texts: Texts) -> list[str]:
    """What a lock means and how it is undone, an alarm first."""
    near = alarm(question, texts)
    unlock = [] if question.unlock is None else [texts.unlock.format(question.unlock)]
    return [*([] if near is None else [near]), texts.warning, *unlock]


def spoken(question: Question, texts: Texts) -> str:
    """For screen readers, on entering the PIN's field: tries left and what a lock means."""
    tries = [] if question.tries is None else [words.tries_left(texts, question.tries)]
    return " ".join(tries + warnings(question, texts))
