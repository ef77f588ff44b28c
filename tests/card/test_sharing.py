"""A reader that other programs use too: what the library cannot wait for, we do not let it meet."""

from __future__ import annotations

import threading

import pytest

from bridge.card import pcsc
from bridge.card.pkcs11.adapter import Pkcs11Port
from bridge.errors import Busy
from tests.card import other_program
from tests.card.conftest import PIN, Bay, only_token
from tests.virtual.piv import Key, PivCard, Slot


def test_a_card_that_another_program_keeps_to_itself_is_busy_and_not_unknown(
    port: Pkcs11Port, other_bay: Bay, rsa_key: Key
) -> None:
    other_bay.insert(PivCard({Slot.AUTHENTICATION: rsa_key}, PIN))
    with other_program.alone(other_bay.name), pytest.raises(Busy):
        port.tokens()
    assert only_token(port).facts.reader == other_bay.name


def test_it_does_not_hide_the_card_in_another_reader(
    port: Pkcs11Port, bay: Bay, card: PivCard, other_bay: Bay, ec_key: Key
) -> None:
    other_bay.insert(PivCard({Slot.AUTHENTICATION: ec_key}, PIN, guid=bytes([9] * 16)))
    with other_program.alone(other_bay.name):
        assert only_token(port).facts.reader == bay.name


def test_one_call_waits_for_a_held_reader_and_the_next_are_told_sooner(bay: Bay, card: PivCard) -> None:
    """Or each would leave one more thread behind that waits."""
    with other_program.at_work(bay.name):
        before = threading.active_count()
        for _ in range(3):
            with pytest.raises(Busy):
                pcsc.held_alone(bay.name, deadline=0.2)
        assert threading.active_count() == before + 1
    assert not pcsc.held_alone(bay.name)
