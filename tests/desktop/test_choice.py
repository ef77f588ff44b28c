"""The real window in which a certificate is chosen, by keys alone."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.desktop.display import Environment, find_window
from tests.desktop.questions import CANDIDATES, choosing
from tests.desktop.window import BOTH, Window

Ask = Callable[..., Window]


def opened(ask: Ask, screen: Environment, **changes: object) -> Window:
    window = ask(**choosing(**changes))  # type: ignore[arg-type]  # changes of the question
    window.wait_shown()
    find_window(screen, "証明書の選択|Choose a certificate")
    time.sleep(1.2)  # the guard of the focus, and some more for a busy machine
    return window


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (("space", "Return"), 0),
        (("Down", "space", "Return"), 1),
        (("space", "Down", "Down", "Return"), 2),
        # The expired one, further down, cannot be reached.
        (("space", "Down", "Down", "Down", "Return"), 2),
        (("space", "Down", "Down", "Up", "Return"), 1),
    ],
)
def test_arrows_choose_among_those_that_can_be_chosen(
    ask: Ask, screen: Environment, keys: tuple[str, ...], chosen: int
) -> None:
    window = opened(ask, screen)
    window.press(*keys)
    assert window.answer().line == {"answer": "ok", "length": 0, "person": "", "chosen": chosen, "remember": True}


@pytest.mark.parametrize("system", ["windows"], indirect=True)
@pytest.mark.parametrize(
    ("keys", "chosen"),
    [(("space", "Return"), 0), (("space", "Tab", "space", "Return"), 1), (("Down", "Down", "space", "Return"), 2)],
)
def test_one_box_is_checked_on_windows(ask: Ask, screen: Environment, keys: tuple[str, ...], chosen: int) -> None:
    window = opened(ask, screen)
    window.press(*keys)
    assert window.answer().line == {"answer": "ok", "length": 0, "person": "", "chosen": chosen, "remember": True}


@BOTH
def test_nothing_is_chosen_by_enter_alone(ask: Ask, screen: Environment) -> None:
    window = opened(ask, screen)
    window.press("Return")
    assert window.still_open()
    window.press("Escape")
    assert window.answer().line == {"answer": "cancel", "reason": "cancelled"}


def test_keys_meant_for_another_program_choose_nothing(ask: Ask, screen: Environment) -> None:
    window = ask(**choosing())
    window.wait_shown()
    find_window(screen, "証明書の選択")
    window.press("Down", "Return")
    assert window.still_open()
    time.sleep(0.8)
    window.press("Return")
    assert window.still_open()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_choice_that_is_not_to_be_remembered(ask: Ask, screen: Environment, language: str) -> None:
    window = opened(ask, screen, language=language)
    window.press("space", "Tab", "space", "Return")
    assert window.answer().line["remember"] is False


def test_only_those_that_can_be_chosen_count_wherever_they_stand(ask: Ask, screen: Environment) -> None:
    window = opened(ask, screen, choice={"purpose": "sign", "candidates": [CANDIDATES[3], *CANDIDATES[:2]]})
    window.press("space", "Return")
    assert window.answer().line["chosen"] == 1


def test_time_runs_out_here_too(ask: Ask, screen: Environment) -> None:
    window = ask(**choosing(timeoutSeconds=2))
    window.wait_shown()
    assert window.answer(8).line == {"answer": "cancel", "reason": "timeout"}
