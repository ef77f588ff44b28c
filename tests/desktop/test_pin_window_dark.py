"""On a dark desktop one sees where to type and what to choose (WCAG 2.2 §1.4.11, 2.4.7)."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def test_whatever_is_filled_in_or_pressed_has_an_edge_and_the_one_with_the_keyboard_the_strongest() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.desktop.window_dark"],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    contrast = json.loads(done.stdout)
    assert min(contrast.values()) >= 3, contrast
    for name in ("field", "list", "button"):
        assert contrast[f"{name} with the keyboard"] >= 2 * contrast[name] >= 6, contrast
