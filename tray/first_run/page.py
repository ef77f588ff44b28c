"""What a step shows: the same page for the windows and the terminal (pure)."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from bridge.doctor.check import Check
from tray.first_run import course
from tray.first_run.course import STEPS, Action, Mark, State, Step
from tray.first_run.texts import Texts, load


class Mood(Enum):
    PLAIN = "plain"
    GOOD = "good"
    ATTENTION = "attention"
    NOTE = "note"


class Line(NamedTuple):
    mood: Mood
    text: str


class Button(NamedTuple):
    action: Action
    text: str


class Entry(NamedTuple):
    """One step in the list of steps. `spoken`: with its mark in words, for a screen reader."""

    text: str
    mark: Mark
    here: bool
    spoken: str


class Choice(NamedTuple):
    name: str
    text: str


class Page(NamedTuple):
    title: str
    steps: tuple[Entry, ...]
    heading: str
    about: str
    lines: tuple[Line, ...]
    question: str
    """Before `choices`; empty: nothing is to be chosen."""
    choices: tuple[Choice, ...]
    chosen: str
    buttons: tuple[Button, ...]
    """What can be done here."""
    back: Button | None
    forward: Button
    later: Button | None


def page(state: State, language: str) -> Page:
    texts = load(language)
    asks = state.step is Step.SOFTWARE and bool(state.authorities)
    last = state.step is STEPS[-1]
    return Page(
        title=texts.title,
        steps=tuple(_entry(state, step, texts) for step in STEPS),
        heading=texts.headings[state.step].format(STEPS.index(state.step) + 1, len(STEPS)),
        about=texts.about[state.step],
        lines=tuple(_lines(state, language, texts)),
        question=texts.which if asks else "",
        choices=_choices(state, language, texts) if asks else (),
        chosen=state.authority,
        buttons=tuple(Button(action, texts.buttons[action]) for action in course.actions(state)),
        back=None if state.step is STEPS[0] else Button(Action.BACK, texts.buttons[Action.BACK]),
        forward=_button(Action.FINISH if last else Action.NEXT, texts),
        later=None if last else _button(Action.LATER, texts),
    )


def _button(action: Action, texts: Texts) -> Button:
    return Button(action, texts.buttons[action])


def _entry(state: State, step: Step, texts: Texts) -> Entry:
    mark = course.mark(state, step)
    name = texts.names[step]
    here = state.step is step
    spoken = f"{name}: {texts.marks[mark]}" + (f" ({texts.here})" if here else "")
    return Entry(name, mark, here, spoken)


def _choices(state: State, language: str, texts: Texts) -> tuple[Choice, ...]:
    named = (Choice(each.name, each.label(language)) for each in state.authorities)
    return (Choice("", texts.unknown), *named)


def _lines(state: State, language: str, texts: Texts) -> list[Line]:
    told = [_said(check, language) for check in state.told]
    seen = [_said(check, language) for check in state.found.get(state.step, ())]
    return [*told, *seen, *_notes(state, language, texts)]


def _said(check: Check, language: str) -> Line:
    return Line(Mood.GOOD if check.ok else Mood.ATTENTION, check.said(language))


def _notes(state: State, language: str, texts: Texts) -> list[Line]:
    match state.step:
        case Step.BROWSER:
            return _sites(state, texts)
        case Step.SOFTWARE:
            return _software(state, language, texts)
        case Step.TRIAL:
            return _trial(state, texts)
    return []


def _sites(state: State, texts: Texts) -> list[Line]:
    legacy = state.legacy
    lines = []
    if legacy.sites:
        key = texts.sites_fixed if state.means.fixed else texts.sites
        lines.append(Line(Mood.NOTE, "\n".join((key, *legacy.sites))))
    if legacy.refused:
        lines.append(Line(Mood.NOTE, "\n".join((texts.sites_refused, *legacy.refused))))
    return lines


def _software(state: State, language: str, texts: Texts) -> list[Line]:
    lines = []
    if (chosen := state.chosen()) is not None:
        contact = chosen.contact(language)
        lines.append(
            Line(Mood.NOTE, texts.software.format(chosen.label(language)) + (f"\n{contact}" if contact else ""))
        )
    if state.legacy.libraries:
        lines.append(Line(Mood.NOTE, "\n".join((texts.libraries, *state.legacy.libraries))))
    if state.legacy.unfit:
        lines.append(Line(Mood.NOTE, "\n".join((texts.unfit, *state.legacy.unfit))))
    return lines


def _trial(state: State, texts: Texts) -> list[Line]:
    if state.trial is not None:
        failed = state.trial is course.Trial.FAILED
        outcome = texts.practised if state.practised and not failed else texts.trials[state.trial]
        mood = Mood.ATTENTION if failed else Mood.GOOD
        return [Line(mood, outcome)]
    offered = course.actions(state)
    lines = [Line(Mood.NOTE, texts.offers[action]) for action in offered if action in texts.offers]
    if Action.PRACTISE in offered and Action.SIGN not in offered:
        lines.insert(0, Line(Mood.NOTE, texts.no_own_card))
    return lines or [Line(Mood.NOTE, texts.fixed)]
