"""The course in a terminal: each page as text, each button as a number or a letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tray.first_run.course import Action, State
from tray.first_run.page import Button, Mood, Page, page
from tray.first_run.texts import load
from tray.first_run.work import Work

_SIGNS: Final = {Mood.GOOD: "OK  ", Mood.ATTENTION: "NG  ", Mood.NOTE: "    ", Mood.PLAIN: "    "}
_KEYS: Final = {Action.NEXT: "n", Action.FINISH: "n", Action.BACK: "b", Action.LATER: "q"}
_CHOOSE: Final = "c"
_MNEMONIC: Final = re.compile(r"\(&\w\)|&")

Say = Callable[[str], None]
Hear = Callable[[str], str]
"""Shows a prompt and returns the typed line. Raises EOFError at the end of the input."""


def walk(work: Work, state: State, language: str, say: Say, hear: Hear) -> bool:
    """Page after page until the person ends it; whether that was at its end."""
    texts = load(language)
    say(texts.working)
    state = work.seen(state)
    while True:
        shown = page(state, language)
        say(_text(shown))
        action = _chosen(shown, language, say, hear)
        if action is None:
            state = work.choose(state, _authority(shown, language, say, hear))
            continue
        if action in (Action.SIGN, Action.PRACTISE):
            say(texts.signing)
        elif action not in (Action.LATER, Action.FINISH):
            say(texts.working)
        state = work.do(state, action)
        if action in (Action.LATER, Action.FINISH):
            return action is Action.FINISH


def _text(shown: Page) -> str:
    lines = [_SIGNS[line.mood] + "\n    ".join(line.text.splitlines()) for line in shown.lines]
    chosen = next((each.text for each in shown.choices if each.name == shown.chosen), "")
    asked = [f"    {shown.question}: {chosen}"] if shown.choices else []
    return "\n".join(("", f"=== {shown.heading} ===", shown.about, "", *lines, *asked, ""))


def _chosen(shown: Page, language: str, say: Say, hear: Hear) -> Action | None:
    """None: the certification authority is to be chosen."""
    keys = _buttons(shown)
    for key, button in keys.items():
        say(f"  {key}  {plain(button.text)}")
    keys |= _leaving(shown)
    if shown.choices:
        say(f"  {_CHOOSE}  {shown.question}")
    while True:
        try:
            typed = hear("> ").strip().lower()
        except EOFError:
            return Action.LATER
        if typed == _CHOOSE and shown.choices:
            return None
        if typed in keys:
            return keys[typed].action
        say(load(language).keys.format(" ".join((*keys, *((_CHOOSE,) if shown.choices else ())))))


def _buttons(shown: Page) -> dict[str, Button]:
    numbered = {str(number): button for number, button in enumerate(shown.buttons, 1)}
    around = [button for button in (shown.forward, shown.back, shown.later) if button is not None]
    return numbered | {_KEYS[button.action]: button for button in around}


def _leaving(shown: Page) -> dict[str, Button]:
    """On the last page, where nothing is left for later, q closes, too."""
    return {} if shown.later is not None else {_KEYS[Action.LATER]: shown.forward}


def _authority(shown: Page, language: str, say: Say, hear: Hear) -> str:
    """The chosen one's name; what is no number of the list changes nothing."""
    for number, choice in enumerate(shown.choices):
        say(f"  {number}  {choice.text}")
    try:
        typed = hear("> ").strip()
    except EOFError:
        return shown.chosen
    return shown.choices[int(typed)].name if typed.isdecimal() and int(typed) < len(shown.choices) else shown.chosen


def plain(text: str) -> str:
    """A button's text without the mark of its key."""
    return _MNEMONIC.sub("", text)
