"""The PIN window lives as long as it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.desktop.questions import choosing, question
from tests.desktop.window_life import TICKS


@pytest.mark.parametrize("changes", [{}, choosing()], ids=["pin", "choose"])
def test_a_window_that_waits_uses_nothing_up(changes: dict[str, Any]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.desktop.window_life"],
        input=question(**changes),
        capture_output=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )
    lost = json.loads(done.stdout.splitlines()[-1])
    assert lost < TICKS / 10, "PySide6 6.12.0 lost nine with each tick, ten times a second"
