"""The course as one frozen state: five steps, what each found, and what can be done next (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Final, NamedTuple

from bridge.doctor.check import Check


class Step(StrEnum):
    """In their order."""

    TRUST = "trust"
    BROWSER = "browser"
    SOFTWARE = "software"
    CARD = "card"
    TRIAL = "trial"


STEPS: Final = tuple(Step)


class Mark(Enum):
    """How a step stands."""

    UNSEEN = "unseen"
    GOOD = "good"
    ATTENTION = "attention"


class Action(StrEnum):
    """What a person can choose on a page."""

    LOOK = "look"
    """Look again: something was plugged in or installed."""
    REPAIR = "repair"
    """Certificates and their trust, as `card-bridge doctor --fix` does."""
    TAKE_SITES = "take-sites"
    """Allow the sites of the earlier helper's list."""
    TAKE_LIBRARY = "take-library"
    """Use the card library that the earlier helper names."""
    SIGN = "sign"
    """A test signature with the inserted card."""
    PRACTISE = "practise"
    """A test signature with the practice card."""
    VISIT = "visit"
    """Open the practice portal that an administrator named."""
    BACK = "back"
    NEXT = "next"
    LATER = "later"
    """Close; the next start begins where this one ended."""
    FINISH = "finish"


class Authority(NamedTuple):
    """A certification authority's card, as its profile describes it."""

    name: str
    """Of the profile."""
    ja: str
    en: str
    contact_ja: str
    contact_en: str

    def label(self, language: str) -> str:
        return self.en if language == "en" else self.ja

    def contact(self, language: str) -> str:
        return self.contact_en if language == "en" else self.contact_ja


class Legacy(NamedTuple):
    """What the earlier helper left on this computer, as far as it can be recognised."""

    sites: tuple[str, ...] = ()
    """Acceptable by the gate's rule, and not allowed yet."""
    refused: tuple[str, ...] = ()
    """What its list holds and no origin can be made of that the gate would let in."""
    libraries: tuple[str, ...] = ()
    """Full paths that are there, fit the card host and are not in use yet."""
    unfit: tuple[str, ...] = ()
    """Libraries for another kind of processor than the card host's, of 32 bits as a rule."""


class Means(NamedTuple):
    """What can be done on this computer at all."""

    address: str = ""
    """Of the practice portal that an administrator named; empty: none."""
    fixed: bool = False
    """The list of sites is fixed: nobody is asked, and nothing is added."""


class Trial(Enum):
    """How the test signature ended."""

    HELD = "held"
    """The portal believed it on every rung."""
    UNKNOWN_AUTHORITY = "unknown-authority"
    """Everything held but the last: the practice portal knows the practice card's authority alone."""
    CHECKED_HERE = "checked-here"
    """Without a practice portal: the signature holds, and its certificate is within its days."""
    FAILED = "failed"


class State(NamedTuple):
    """Where a person is in the course, and everything that is known."""

    step: Step = Step.TRUST
    found: Mapping[Step, tuple[Check, ...]] = {}
    """Of each step that was looked at, the doctor's lines."""
    authorities: tuple[Authority, ...] = ()
    authority: str = ""
    """The chosen one's name; empty: not known."""
    legacy: Legacy = Legacy()
    means: Means = Means()
    trial: Trial | None = None
    practised: bool = False
    """Whether the last test signature was the practice card's."""
    told: tuple[Check, ...] = ()
    """What the last action did."""

    def with_lines(self, step: Step, lines: tuple[Check, ...]) -> State:
        return self._replace(found={**self.found, step: lines})

    def chosen(self) -> Authority | None:
        return next((each for each in self.authorities if each.name == self.authority), None)


def mark(state: State, step: Step) -> Mark:
    if step is Step.TRIAL:
        return {None: Mark.UNSEEN, Trial.FAILED: Mark.ATTENTION}.get(state.trial, Mark.GOOD)
    lines = state.found.get(step)
    if lines is None:
        return Mark.UNSEEN
    return Mark.GOOD if all(line.ok for line in lines) else Mark.ATTENTION


def is_ready(state: State) -> bool:
    """Whether everything that can be seen without a person is as it should be. The test signature is the person's."""
    seen = all(mark(state, step) is Mark.GOOD for step in STEPS if step is not Step.TRIAL)
    return seen and state.trial is not Trial.FAILED


def moved(state: State, action: Action) -> State:
    """One step on or back; at either end it stays."""
    place = STEPS.index(state.step) + {Action.NEXT: 1, Action.BACK: -1}[action]
    return state._replace(step=STEPS[max(0, min(place, len(STEPS) - 1))], told=())


def actions(state: State) -> tuple[Action, ...]:
    """What is offered besides going on, back and away, the likeliest first."""
    match state.step:
        case Step.TRUST:
            return _repairs(state)
        case Step.BROWSER:
            return (*_sites(state), Action.LOOK)
        case Step.SOFTWARE:
            return (*((Action.TAKE_LIBRARY,) if state.legacy.libraries else ()), Action.LOOK)
        case Step.CARD:
            return (Action.LOOK,)
        case Step.TRIAL:
            return _signatures(state)


def _repairs(state: State) -> tuple[Action, ...]:
    wrong = {line.name for line in state.found.get(Step.TRUST, ()) if not line.ok}
    return (Action.REPAIR, Action.LOOK) if wrong & {"certificates", "trust"} else (Action.LOOK,)


def _sites(state: State) -> tuple[Action, ...]:
    return (Action.TAKE_SITES,) if state.legacy.sites and not state.means.fixed else ()


def _signatures(state: State) -> tuple[Action, ...]:
    """The own card only where a wrong PIN would neither lock it nor meet a lock: no try is spent for a rehearsal."""
    visit = (Action.VISIT,) if state.means.address else ()
    if state.means.fixed:
        return visit
    return (*((Action.SIGN,) if may_sign(state) else ()), Action.PRACTISE, *visit)


def may_sign(state: State) -> bool:
    lines = state.found.get(Step.CARD, ())
    named = {line.name for line in lines}
    bad = {line.name for line in lines if not line.ok}
    return "card_certificate" in named and not bad & {"card", "card_failed", "card_certificate", "tries"}
