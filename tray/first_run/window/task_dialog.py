# ruff: noqa: E402, S101 - the assertion tells mypy for which system the rest is, imports too
"""The window on Windows: one task dialog after another, native and accessible; a short one waits in between."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from tray.consent_window.task_dialog import Button, Callback, Config, show
from tray.first_run.course import Action, Mark, State
from tray.first_run.page import Mood, Page, page
from tray.first_run.texts import Texts, load
from tray.first_run.work import WORKING, Work
from tray.pin_window.win32 import api, screen

_CANCELLABLE, _TIMER_CALLS, _MARQUEE, _FITS_CONTENT = 0x0008, 0x0800, 0x0400, 0x01000000
"""TDF_ALLOW_DIALOG_CANCELLATION, TDF_CALLBACK_TIMER, TDF_SHOW_MARQUEE_PROGRESS_BAR, TDF_SIZE_TO_CONTENT."""
_CREATED, _CLICKED, _TIMER = 0, 2, 4
"""TDN_CREATED, TDN_BUTTON_CLICKED, TDN_TIMER (commctrl.h)."""
_CLICK, _MOVE_MARQUEE = 0x0466, 0x046B
"""TDM_CLICK_BUTTON, TDM_SET_PROGRESS_BAR_MARQUEE: WM_USER + 102 and + 107."""
_CLOSE, _STAY = 0, 1
_CANCEL = 2
"""IDCANCEL, which Escape presses, too."""
_FIRST: Final = 100
_FIRST_CHOICE: Final = 200
_ICONS: Final = {Mood.ATTENTION: 0xFFFF, Mood.GOOD: 0xFFFD}
"""TD_WARNING_ICON, TD_INFORMATION_ICON."""
_SIGNS: Final = {Mood.GOOD: "✓ ", Mood.ATTENTION: "！ ", Mood.NOTE: "", Mood.PLAIN: ""}
_MARKS: Final = {Mark.UNSEEN: "○", Mark.GOOD: "✓", Mark.ATTENTION: "！"}


class Asked:
    """One page as a dialog: what was pressed, and which choice was set then."""

    def __init__(self, shown: Page) -> None:
        self._shown = shown
        ways = [shown.forward, *((shown.back,) if shown.back else ()), *((shown.later,) if shown.later else ())]
        closing = shown.later or shown.forward
        named = [*shown.buttons, *ways]
        self._actions = {
            _CANCEL if button is closing else _FIRST + place: button.action for place, button in enumerate(named)
        }
        self._buttons = _array([(number, button.text) for number, button in zip(self._actions, named, strict=True)])
        self._radios = _array([(_FIRST_CHOICE + at, each.text) for at, each in enumerate(shown.choices)])
        self._callback = Callback(self._told)

    def ask(self) -> tuple[Action, str]:
        """Raises OSError where no dialog can be shown."""
        pressed, chosen = show(self._config())
        names = [each.name for each in self._shown.choices]
        choice = names[chosen - _FIRST_CHOICE] if names and chosen >= _FIRST_CHOICE else self._shown.chosen
        return self._actions.get(pressed, self._actions[_CANCEL]), choice

    def _config(self) -> Config:
        shown = self._shown
        forward = next(number for number, action in self._actions.items() if action is shown.forward.action)
        names = [each.name for each in shown.choices]
        attention = any(line.mood is Mood.ATTENTION for line in shown.lines)
        return Config(
            size=ctypes.sizeof(Config),
            flags=_CANCELLABLE | _FITS_CONTENT,
            title=shown.title,
            icon=_ICONS[Mood.ATTENTION if attention else Mood.GOOD],
            instruction=shown.heading,
            content=_content(shown),
            button_count=len(self._buttons),
            buttons=ctypes.cast(self._buttons, ctypes.c_void_p).value,
            default_button=forward,
            radio_count=len(self._radios),
            radios=ctypes.cast(self._radios, ctypes.c_void_p).value if names else None,
            default_radio=_FIRST_CHOICE + names.index(shown.chosen) if shown.chosen in names else 0,
            footer="   ".join(_unbroken(f"{_MARKS[each.mark]} {each.text}") for each in shown.steps),
            callback=self._callback,
        )

    def _told(self, window: int, notice: int, _wide: int, _long: int, _data: int) -> int:
        if notice == _CREATED:
            screen.come_forward(window)
        return _CLOSE


class Waiting:
    """A dialog that goes by itself when the work is done; Cancel calls a test signature off."""

    def __init__(self, texts: Texts, words: str, work: Callable[[], State], call_off: Callable[[], None]) -> None:
        self._title, self._words, self._call_off = texts.title, words, call_off
        self._buttons = _array([(_CANCEL, texts.call_off)])
        self._result: list[State] = []
        self._thread = threading.Thread(target=lambda: self._result.append(work()), name=WORKING)
        self._callback = Callback(self._told)

    def wait(self) -> State:
        """Raises OSError where no dialog can be shown; RuntimeError where the work ended without a result."""
        self._thread.start()
        show(
            Config(
                size=ctypes.sizeof(Config),
                flags=_TIMER_CALLS | _MARQUEE | _CANCELLABLE,
                button_count=len(self._buttons),
                buttons=ctypes.cast(self._buttons, ctypes.c_void_p).value,
                title=self._title,
                instruction=self._words,
                callback=self._callback,
            )
        )
        self._thread.join()
        if not self._result:
            raise RuntimeError("the work ended without a result")
        return self._result[0]

    def _told(self, window: int, notice: int, _wide: int, _long: int, _data: int) -> int:
        done = not self._thread.is_alive()
        match notice:
            case _ if notice == _CREATED:
                api.send_message(window, _MOVE_MARQUEE, 1, 0)
            case _ if notice == _TIMER and done:
                api.post_message(window, _CLICK, _CANCEL, 0)
            case _ if notice == _CLICKED and not done:
                self._call_off()
                return _STAY
        return _CLOSE


def _array(named: list[tuple[int, str]]) -> ctypes.Array[Button]:
    return (Button * len(named))(*(Button(number, text) for number, text in named))


def _unbroken(text: str) -> str:
    """A step's name stays on one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _content(shown: Page) -> str:
    lines = "\n".join(f"{_SIGNS[line.mood]}{line.text}" for line in shown.lines)
    question = [shown.question] if shown.choices else []
    return "\n\n".join((shown.about, lines, *question))


def run(work: Work, state: State, language: str, _lock: Path) -> int:
    """Page after page until one is closed."""
    screen.be_sharp()
    texts = load(language)
    wait = partial(_waited, work, texts)
    state = wait(texts.working, partial(work.seen, state))
    while True:
        action, choice = Asked(page(state, language)).ask()
        if choice != state.authority:
            state = work.choose(state, choice)
        if action in (Action.LATER, Action.FINISH):
            work.do(state, action)
            return 0
        words = texts.signing if action in (Action.SIGN, Action.PRACTISE) else texts.working
        state = wait(words, partial(work.attempt, state, action))


def _waited(work: Work, texts: Texts, words: str, job: Callable[[], State]) -> State:
    return Waiting(texts, words, job, work.call_off).wait()
