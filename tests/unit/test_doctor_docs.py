"""The troubleshooting guide has every line of the doctor by its name, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.doctor.configuration import REPLACED

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/troubleshooting.ja.md").read_text(encoding="utf-8")
# What an action of the first run did is told in the same form, and is no line of the doctor.
TRAY = [file for file in (ROOT / "tray").glob("**/*.py") if "first_run" not in file.parts]
SOURCES = [*(ROOT / "bridge/doctor").glob("*.py"), *TRAY]


def test_every_line_of_the_doctor_by_its_name() -> None:
    named = {name for file in SOURCES for name in re.findall(r'\bCheck\(\s*"([\w.]+)"', file.read_text("utf-8"))}
    named |= REPLACED.keys()
    assert len(named) > 20
    told = re.findall(r"^\| `([\w.]+)` \|", GUIDE, re.MULTILINE)
    assert sorted(told) == sorted(named)
