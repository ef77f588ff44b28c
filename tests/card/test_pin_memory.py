"""After the login no copy of the PIN is left in the process that sent it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.card.process import freed_memory
from tests.card.conftest import OPENSC, Bay
from tests.virtual import softhsm
from tests.virtual.piv import Key, PivCard, Slot

ROOT = Path(__file__).parents[2]


def copies_left(library: Path, pin: bytes, environment: dict[str, str], mode: str) -> int:
    """The PIN goes through a pipe, never on a command line or into an environment."""
    turned = bytes(0xFF - value for value in pin)
    finished = subprocess.run(
        [sys.executable, "-m", "tests.card.pin_memory", str(library), mode],
        input=bytes([len(pin)]) + pin + turned,
        env={**os.environ, **freed_memory.ENVIRONMENT, **environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(finished.stdout)


@pytest.fixture
def environment(tmp_path: Path, ec_key: Key) -> dict[str, str]:
    return softhsm.make(tmp_path, ec_key, "Zq7-xW93kLmP")


def test_none_after_a_login_to_softhsm(environment: dict[str, str]) -> None:
    assert copies_left(softhsm.LIBRARY, b"Zq7-xW93kLmP", environment, "wiped") == 0


def test_the_search_finds_a_copy_that_was_kept(environment: dict[str, str]) -> None:
    assert copies_left(softhsm.LIBRARY, b"Zq7-xW93kLmP", environment, "kept") >= 1


def test_none_after_a_login_to_a_card_through_opensc(bay: Bay, ec_key: Key) -> None:
    pin = b"x7-Kq9Zw"
    bay.insert(PivCard({Slot.AUTHENTICATION: ec_key}, pin))
    assert copies_left(OPENSC, pin, {}, "wiped") == 0
