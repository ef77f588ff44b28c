"""The house itself: files that a reader takes in at once."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bridge", "certs", "tray", "portal", "installer", "scripts", "benchmarks", "tests")
LINES = 300


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_is_too_long_to_be_read_at_once(room: str) -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in (ROOT / room).rglob("*.py")}
    assert lengths
    assert {str(path): count for path, count in lengths.items() if count > LINES} == {}
