"""After the login no copy of the PIN is left in the process that sent it, by whichever road it went to the card."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from bridge.card.process import freed_memory
from tests.card import jpki_cards
from tests.card.conftest import OPENSC, Bay
from tests.virtual import pki, softhsm
from tests.virtual.jpki import JpkiCard
from tests.virtual.piv import Key, PivCard, Slot
from tests.virtual.softhsm import Held, SoftHsm
from tests.virtual.vendor import Vendor

ROOT = Path(__file__).parents[2]
PIN = "Zq7-xW93kLmP"


class Left(NamedTuple):
    """Copies that were found, and how often the PIN was given for the login and one signature."""

    copies: int
    given: int


def left(library: Path, profile: str, pin: bytes, mode: str = "wiped", *, typed_here: bool = True) -> Left:
    """The PIN goes through a pipe, never on a command line or into an environment."""
    given = pin if typed_here else b""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.card.pin_memory", str(library), profile, mode],
        input=bytes([len(given)]) + given + bytes(0xFF - value for value in pin),
        env={**os.environ, **freed_memory.ENVIRONMENT},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Left(*map(int, finished.stdout.split()))


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    made = SoftHsm(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


def test_none_after_a_login_to_softhsm(hsm: SoftHsm, ec_key: Key) -> None:
    hsm.add("test", PIN, Held(ec_key))
    assert left(softhsm.LIBRARY, "softhsm", PIN.encode()) == (0, 1)


def test_the_search_finds_a_copy_that_was_kept(hsm: SoftHsm, ec_key: Key) -> None:
    hsm.add("test", PIN, Held(ec_key))
    assert left(softhsm.LIBRARY, "softhsm", PIN.encode(), "kept").copies >= 1


def test_none_where_the_key_wanted_it_again(hsm: SoftHsm, rsa_key: Key) -> None:
    """C_Login(CKU_CONTEXT_SPECIFIC) between C_SignInit and C_Sign."""
    hsm.add("test", PIN, Held(rsa_key, always_authenticate=True))
    assert left(softhsm.LIBRARY, "softhsm", PIN.encode()) == (0, 2)


def test_none_where_it_was_typed_on_the_reader(hsm: SoftHsm, rsa_key: Key, tmp_path: Path) -> None:
    hsm.add("test", PIN, Held(rsa_key, always_authenticate=True))
    vendor = Vendor(tmp_path)
    vendor.pad(PIN, PIN)
    assert left(vendor.library, "softhsm", PIN.encode(), typed_here=False) == (0, 2)


@pytest.mark.parametrize(("slot", "times"), [(Slot.AUTHENTICATION, 1), (Slot.SIGNATURE, 2)])
def test_none_after_a_login_to_a_card_through_opensc(bay: Bay, rsa_key: Key, slot: Slot, times: int) -> None:
    pin = b"x7-Kq9Zw"
    card = PivCard({slot: rsa_key}, pin)
    bay.insert(card)
    assert left(OPENSC, "piv", pin) == (0, times)
    assert len(card.verifications()) == times


def test_none_of_a_my_number_cards_signature_pin(bay: Bay, authority: pki.Authority) -> None:
    """The signature certificate shows only after its PIN, and its key wants that PIN again."""
    pin = b"QZX7W3K9MLPB"
    bay.insert(JpkiCard(jpki_cards.contents(authority, datetime.now(UTC))._replace(sign_pin=pin)))
    assert left(OPENSC, "jpki-sign", pin) == (0, 2)
