"""docs/accessibility.md holds every criterion of JIS X 8341-3:2016 at A and AA, and names checks that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.browser.accessibility import RULES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/accessibility.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if re.match(r"\| \d\.", line)]

# JIS X 8341-3:2016 = WCAG 2.0, W3C Recommendation of 2008-12-11.
A = "1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 3.1.1"
A += " 3.2.1 3.2.2 3.3.1 3.3.2 4.1.1 4.1.2"
AA = "1.2.4 1.2.5 1.4.3 1.4.4 1.4.5 2.4.5 2.4.6 2.4.7 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4"


def test_every_criterion_stands_once_with_its_level_and_how_it_is_met() -> None:
    told = {criterion.split()[0]: level for criterion, level, *_ in ROWS}
    assert told == {**dict.fromkeys(A.split(), "A"), **dict.fromkeys(AA.split(), "AA")}
    assert len(ROWS) == len(told) == 38
    for criterion, _, applies, how, shown in ROWS:
        assert applies in ("○", "−"), criterion
        assert how, criterion
        assert shown, criterion


def test_every_check_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", TEXT)
    assert len(named) == TEXT.count(".py::") > 30
    for file, function in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^(?:async )?def {function}\(", source, re.MULTILINE), f"{file}::{function}"


def test_what_is_met_by_more_than_absence_has_an_automatic_check_or_is_read() -> None:
    for criterion, _, _, _, shown in ROWS:
        rest = re.sub(r"`[\w/]+\.py::\w+`", "", shown)
        words = set(re.findall(r"[a-z ]+[a-z]", rest))
        assert {word.strip() for word in words} <= {"read", "looked at"}, criterion


def test_axe_is_told_of_as_it_runs() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    version = package["devDependencies"]["axe-core"].rsplit(".", 1)[0]
    assert f"axe-core {version} runs all its rules tagged" in TEXT
    tagged = re.findall(r"`([a-z0-9-]+)`", TEXT.rsplit("rules tagged", 1)[1])
    assert tuple(tagged) == RULES
