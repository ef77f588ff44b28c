"""No target is forgotten: each ring has its file, and each file its ring."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.targets import TARGETS


def test_each_ring_has_a_file() -> None:
    files = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")} - {"rings"}
    assert {target.ring for target in TARGETS.values()} == files
