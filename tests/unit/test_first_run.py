"""The course of the first run, its pages and its memory."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from bridge.doctor.check import Check
from tray.first_run import course, memory
from tray.first_run.course import STEPS, Action, Authority, Legacy, Mark, Means, State, Step, Trial
from tray.first_run.memory import Memory
from tray.first_run.page import Mood, page
from tray.first_run.texts import EN, JA, load

GOOD_CARD = (Check("card", True, "", ""), Check("card_certificate", True, "", ""))
HERE = Means()


def bad(name: str) -> Check:
    return Check(name, False, "悪い", "bad")


def signing(*lines: Check, means: Means = HERE) -> tuple[Action, ...]:
    return course.actions(State(Step.TRIAL, {Step.CARD: lines}, means=means))


def test_a_step_is_unseen_then_good_or_in_need_of_attention() -> None:
    state = State()
    assert {course.mark(state, step) for step in STEPS} == {Mark.UNSEEN}
    state = state.with_lines(Step.TRUST, GOOD_CARD).with_lines(Step.CARD, (*GOOD_CARD, bad("tries")))
    assert [course.mark(state, step) for step in (Step.TRUST, Step.CARD)] == [Mark.GOOD, Mark.ATTENTION]


@pytest.mark.parametrize(
    ("trial", "mark"),
    [
        (None, Mark.UNSEEN),
        (Trial.HELD, Mark.GOOD),
        (Trial.UNKNOWN_AUTHORITY, Mark.GOOD),
        (Trial.CHECKED_HERE, Mark.GOOD),
        (Trial.FAILED, Mark.ATTENTION),
    ],
)
def test_the_last_step_stands_as_its_signature_does(trial: Trial | None, mark: Mark) -> None:
    assert course.mark(State(trial=trial), Step.TRIAL) is mark


def test_everything_is_ready_when_every_step_that_is_looked_at_is_good() -> None:
    state = State()
    for step in STEPS[:-1]:
        assert not course.is_ready(state)
        state = state.with_lines(step, GOOD_CARD)
    assert course.is_ready(state)
    assert course.is_ready(state._replace(trial=Trial.HELD))
    assert not course.is_ready(state._replace(trial=Trial.FAILED))


def test_the_course_goes_on_and_back_and_stays_at_its_ends() -> None:
    state = State(told=(bad("sites"),))
    assert course.moved(state, Action.BACK).step is Step.TRUST
    seen = [state.step]
    for _ in STEPS:
        state = course.moved(state, Action.NEXT)
        seen.append(state.step)
    assert seen == [*STEPS, Step.TRIAL]
    assert state.told == ()
    assert course.moved(state, Action.BACK).step is Step.CARD


def test_a_repair_is_offered_for_what_it_repairs() -> None:
    assert course.actions(State(found={Step.TRUST: GOOD_CARD})) == (Action.LOOK,)
    for name in ("certificates", "trust"):
        assert course.actions(State(found={Step.TRUST: (bad(name),)})) == (Action.REPAIR, Action.LOOK)


def test_what_the_earlier_helper_left_is_offered_where_it_can_be_taken() -> None:
    state = State(Step.BROWSER, legacy=Legacy(("https://a.example",), (), ("/p11.so",)))
    assert course.actions(state) == (Action.TAKE_SITES, Action.LOOK)
    assert course.actions(state._replace(means=Means(fixed=True))) == (Action.LOOK,)
    assert course.actions(state._replace(step=Step.SOFTWARE)) == (Action.TAKE_LIBRARY, Action.LOOK)


def test_the_own_card_signs_only_where_no_try_is_at_stake() -> None:
    assert signing(*GOOD_CARD) == (Action.SIGN, Action.PRACTISE)
    for name in ("tries", "card_certificate", "card", "card_failed"):
        others = tuple(line for line in GOOD_CARD if line.name != name)
        assert signing(*others, bad(name)) == (Action.PRACTISE,)
    assert signing() == (Action.PRACTISE,)


def test_the_test_signature_is_offered_where_it_can_be_made() -> None:
    elsewhere = Means(address="https://practice.example")
    assert signing(*GOOD_CARD, means=elsewhere) == (Action.SIGN, Action.PRACTISE, Action.VISIT)
    assert signing(*GOOD_CARD, means=elsewhere._replace(fixed=True)) == (Action.VISIT,)
    assert signing(*GOOD_CARD, means=Means(fixed=True)) == ()


AUTHORITIES = (Authority("one", "一", "One", "電話", "Telephone"), Authority("two", "二", "Two", "", ""))
STATES = [
    State(
        step,
        {step: (bad("trust"), Check("card", True, "良い", "good"))},
        AUTHORITIES,
        "one",
        Legacy(("https://a.example",), ("http://b.example",), ("/p11.so",), ("/p32.so",)),
        means,
        trial,
    )
    for step, means, trial in product(STEPS, (Means(), Means(fixed=True)), (None, *Trial))
]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_state_has_a_page_that_tells_its_lines_and_has_a_way_on(language: str) -> None:
    for state in STATES:
        shown = page(state, language)
        assert (shown.heading, shown.about, shown.forward.text) != ("", "", "")
        assert [line.mood for line in shown.lines][:2] == [Mood.ATTENTION, Mood.GOOD] or state.step is Step.TRIAL
        assert [entry.here for entry in shown.steps] == [step is state.step for step in STEPS]
        assert bool(shown.choices) == (state.step is Step.SOFTWARE)
        assert (shown.back is None) == (state.step is Step.TRUST)
        assert (shown.later is None) == (state.step is Step.TRIAL)


def test_the_page_tells_the_chosen_authority_and_what_was_found() -> None:
    state = next(each for each in STATES if each.step is Step.SOFTWARE)
    told = "\n".join(line.text for line in page(state, "en").lines)
    assert all(words in told for words in ("One", "Telephone", "/p11.so", "/p32.so"))
    assert [choice.text for choice in page(state, "ja").choices] == [JA.unknown, "一", "二"]
    told = "\n".join(line.text for line in page(state._replace(step=Step.BROWSER), "en").lines)
    assert "https://a.example" in told
    assert "http://b.example" in told


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_two_buttons_of_a_page_have_the_same_key(language: str) -> None:
    for state in STATES:
        shown = page(state, language)
        buttons = [*shown.buttons, shown.forward, *filter(None, (shown.back, shown.later))]
        keys = [match[1].lower() for each in buttons if (match := re.search(r"&(\w)", each.text))]
        assert len(keys) == len(buttons) == len(set(keys)), [each.text for each in buttons]


def test_both_languages_say_the_same_things() -> None:
    for japanese, english in zip(JA, EN, strict=True):
        assert type(japanese) is type(english)
        if isinstance(japanese, dict) and isinstance(english, dict):
            assert japanese.keys() == english.keys()
            assert all([*japanese.values(), *english.values()])
        else:
            assert japanese
            assert english
    assert (load("en"), load("ja")) == (EN, JA)


def test_what_was_kept_is_recalled_and_nothing_else_is_believed(tmp_path: Path) -> None:
    file = tmp_path / "new" / "setup.json"
    assert memory.recall(file) == Memory()
    kept = Memory(shown=True, finished=False, step=Step.CARD, authority="aosign")
    assert memory.keep(file, kept)
    assert memory.recall(file) == kept
    for text in ("{", '{"v": 2}', file.read_text(encoding="utf-8").replace("card", "cart"), "[" * 5000):
        file.write_text(text, encoding="utf-8")
        assert memory.recall(file) == Memory()


def test_where_nothing_can_be_kept_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not memory.keep(tmp_path / "file" / "setup.json", Memory())
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
