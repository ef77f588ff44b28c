from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desktop import wine
from tests.desktop.display import Environment, display
from tests.desktop.window import OWN, System, Window


@pytest.fixture(scope="session")
def windows_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the one Windows of this run."""
    return tmp_path_factory.mktemp("wine")


@pytest.fixture(scope="module", params=["own"])
def system(request: pytest.FixtureRequest, windows_home: Path) -> Iterator[System]:
    """Whose window is tested: this system's, or with `window.BOTH` Windows' too."""
    with display() as screen:
        if request.param == "own":
            yield System(screen, OWN)
            return
        with wine.windows(screen, windows_home) as env:
            yield System(env, wine.COMMAND)


@pytest.fixture(scope="module")
def screen(system: System) -> Environment:
    return system.env


@pytest.fixture
def ask(system: System) -> Iterator[Callable[..., Window]]:
    """Open the PIN window on the screen with changes to the usual question; ended after the test."""
    opened: list[Window] = []

    def open_window(**changes: Any) -> Window:
        opened.append(Window(system, **changes))
        return opened[-1]

    yield open_window
    for window in opened:
        window.end()
