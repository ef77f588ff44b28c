"""The figures' page names every part of `make bench`."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.__main__ import PARTS

FIGURES = Path(__file__).parents[2] / "docs/performance.md"


def test_each_part_can_be_asked_for_by_the_name_that_is_given() -> None:
    (named,) = re.findall(r"`\.venv/bin/python -m benchmarks sign` one \((.*?)\)", FIGURES.read_text(encoding="utf-8"))
    assert sorted(re.findall(r"`(\w+)`", named)) == sorted(PARTS)
