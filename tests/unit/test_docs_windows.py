"""The plan for a real Windows: its lines are numbered without a gap, and what refers to them finds them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PLAN = (DOCS / "windows-test-plan.md").read_text(encoding="utf-8")
GUIDE = (DOCS / "admin-guide.md").read_text(encoding="utf-8")
LINE = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| \|$", re.MULTILINE)


def numbers(text: str) -> list[int]:
    return [int(number) for number, *_ in LINE.findall(text)]


def test_each_step_has_an_expectation_and_a_number_of_its_own() -> None:
    steps = [line for line in PLAN.splitlines() if re.match(r"\| \d", line)]
    assert numbers(PLAN) == list(range(1, len(steps) + 1))


def test_the_guide_names_the_lines_on_remote_desktops() -> None:
    section = PLAN.split("\n## Remote desktops\n")[1].split("\n## ")[0]
    (named,) = re.findall(r"lines (\d+) to (\d+) of the \[test plan\]", GUIDE)
    assert numbers(section) == list(range(int(named[0]), int(named[1]) + 1))
