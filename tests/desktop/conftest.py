from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.desktop.display import Environment, display
from tests.desktop.window import Window


@pytest.fixture(scope="module")
def screen() -> Iterator[Environment]:
    with display() as env:
        yield env


@pytest.fixture
def ask(screen: Environment) -> Iterator[Callable[..., Window]]:
    """Open the PIN window on the screen with changes to the usual question; ended after the test."""
    opened: list[Window] = []

    def open_window(**changes: Any) -> Window:
        opened.append(Window(screen, **changes))
        return opened[-1]

    yield open_window
    for window in opened:
        window.end()
