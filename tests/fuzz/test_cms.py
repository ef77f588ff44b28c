"""Fuzzed: signatures in CMS, their certificates, and the DER and JSON in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import running


@pytest.mark.parametrize("name", running.of("cms"))
def test_nothing_but_refusals(name: str, tmp_path: Path) -> None:
    running.fuzz(name, tmp_path)


@pytest.mark.parametrize("name", running.of("cms"))
def test_the_seeds_are_good_files(name: str) -> None:
    running.run_seeds(name)
