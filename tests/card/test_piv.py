"""A PIV card through OpenSC, pcscd and our own reader driver: what PIN-retry safety rests on, counted on the wire."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bridge.card import pcsc
from bridge.card.pkcs11.adapter import Pkcs11Port, Pkcs11Token
from bridge.card.pkcs11.session import Pkcs11Session
from bridge.card.safety.tries import Hint, Source
from bridge.errors import Busy, CardFailed, CardRemoved, PinFormat, PinLocked, PinSessionEnded, PinWrong
from tests.card import openssl, other_program
from tests.card.conftest import PIN, Bay, only_token, pin
from tests.virtual.card import Answer, Command
from tests.virtual.piv import PIN_REFERENCE, Key, PivCard, Slot

DATA = b"what the person has read and agreed to"
PLACE = pcsc.PinPlace(other_program.PIV, PIN_REFERENCE)


def logged_in(token: Pkcs11Token) -> Pkcs11Session:
    session = token.open()
    assert isinstance(session, Pkcs11Session)
    session.login(pin())
    return session


def test_token_shows_its_certificate_and_facts_without_a_pin(
    token: Pkcs11Token, card: PivCard, bay: Bay, rsa_key: Key
) -> None:
    assert token.certificates() == [rsa_key.certificate]
    facts = token.facts
    assert (facts.reader, facts.label, facts.profile, facts.pin_pad) == (bay.name, "北東 次郎", "piv", False)
    assert (facts.pin_min, facts.pin_max) == (4, 8)
    assert card.verifications() == []


def test_wrong_pins_count_down_to_the_lock_and_nothing_follows_a_refusal(token: Pkcs11Token, card: PivCard) -> None:
    told = [token.tries()]
    for refusal in (PinWrong, PinWrong, PinLocked):
        session = token.open()
        with pytest.raises(refusal):
            session.login(pin(b"111111"))
        session.close()
        told.append(token.tries())
    assert [tries.count for tries in told] == [3, 2, 1, 0]
    assert [tries.hint for tries in told] == [Hint.MANY, Hint.MANY, Hint.LAST, Hint.LOCKED]
    assert {tries.source for tries in told} == {Source.CARD}
    assert len(card.verifications()) == 3


def test_a_locked_card_says_so_even_to_the_right_pin(token: Pkcs11Token, card: PivCard) -> None:
    card.tries_left = 0
    session = token.open()
    with pytest.raises(PinLocked):
        session.login(pin())
    session.close()


def test_the_right_pin_sets_the_counter_back(token: Pkcs11Token, card: PivCard) -> None:
    session = token.open()
    with pytest.raises(PinWrong):
        session.login(pin(b"111111"))
    session.login(pin())
    assert session.logged_in
    assert token.tries()[:2] == (Hint.MANY, None), "while the PIN is verified the card hides the count"
    session.close()
    assert token.tries().count == card.tries_left == 3


def test_reading_the_counter_costs_nothing(token: Pkcs11Token, card: PivCard) -> None:
    assert [token.tries().count for _ in range(5)] == [3] * 5
    assert card.verifications() == []


def test_a_pin_of_impossible_length_is_refused_before_the_card(token: Pkcs11Token, card: PivCard) -> None:
    session = token.open()
    with pytest.raises(PinFormat):
        session.login(pin(b"1" * 9))
    session.close()
    assert card.verifications() == []


def test_a_second_login_is_asked_of_the_card_again(token: Pkcs11Token, card: PivCard) -> None:
    session = logged_in(token)
    with pytest.raises(PinWrong):
        session.login(pin(b"111111"))
    session.close()
    assert card.tries_left == 2


def test_rsa_signature_is_accepted_by_openssl(token: Pkcs11Token, card: PivCard, tmp_path: Path) -> None:
    (certificate,) = token.certificates()
    session = logged_in(token)
    signature = session.sign(certificate, DATA)
    session.close()
    assert openssl.verifies(tmp_path, certificate, DATA, signature)
    assert not openssl.verifies(tmp_path, certificate, DATA + b"!", signature)
    assert len(card.verifications()) == 1


def test_p256_signature_is_der_and_accepted_by_openssl(bay: Bay, port: Pkcs11Port, ec_key: Key, tmp_path: Path) -> None:
    bay.insert(PivCard({Slot.AUTHENTICATION: ec_key}, PIN))
    session = logged_in(only_token(port))
    signatures = [session.sign(ec_key.certificate, DATA) for _ in range(8)]
    session.close()
    assert all(openssl.verifies(tmp_path, ec_key.certificate, DATA, signature) for signature in signatures)


def test_a_key_that_wants_the_pin_each_time_gets_it_from_the_caller_or_refuses(
    bay: Bay, port: Pkcs11Port, rsa_key: Key, ec_key: Key, tmp_path: Path
) -> None:
    card = PivCard({Slot.AUTHENTICATION: ec_key, Slot.SIGNATURE: rsa_key}, PIN)
    bay.insert(card)
    session = logged_in(only_token(port))
    assert session.wants_pin(rsa_key.certificate)
    assert not session.wants_pin(ec_key.certificate)
    with pytest.raises(CardFailed, match="always authenticate"):
        session.sign(rsa_key.certificate, DATA)
    signatures = [session.sign(rsa_key.certificate, DATA, pin()) for _ in range(2)]
    session.close()
    assert all(openssl.verifies(tmp_path, rsa_key.certificate, DATA, signature) for signature in signatures)
    assert len(card.verifications()) == 3, "one for the login, one for each signature"
    assert card.tries_left == 3


def test_both_certificates_of_a_token_sign_with_their_own_key(
    bay: Bay, port: Pkcs11Port, rsa_key: Key, ec_key: Key, tmp_path: Path
) -> None:
    bay.insert(PivCard({Slot.AUTHENTICATION: ec_key, Slot.SIGNATURE: rsa_key}, PIN))
    token = only_token(port)
    assert sorted(token.certificates()) == sorted([ec_key.certificate, rsa_key.certificate])
    session = logged_in(token)
    signature = session.sign(ec_key.certificate, DATA)
    session.close()
    assert openssl.verifies(tmp_path, ec_key.certificate, DATA, signature)


def test_after_close_another_program_cannot_sign(token: Pkcs11Token, bay: Bay) -> None:
    session = logged_in(token)
    assert other_program.can_sign(bay.name)
    session.close()
    assert not other_program.can_sign(bay.name)


def test_closing_twice_and_after_removal_is_harmless(token: Pkcs11Token, bay: Bay) -> None:
    session = logged_in(token)
    bay.remove()
    session.close()
    session.close()
    assert not session.logged_in


def test_a_foreign_reset_ends_the_session_and_sends_no_pin(token: Pkcs11Token, card: PivCard, bay: Bay) -> None:
    (certificate,) = token.certificates()
    session = logged_in(token)
    session.sign(certificate, DATA)
    pcsc.reset(bay.name)
    assert not session.logged_in
    with pytest.raises(PinSessionEnded):
        session.sign(certificate, DATA)
    session.close()
    assert len(card.verifications()) == 1


def test_the_library_itself_keeps_no_pin_to_send_again(token: Pkcs11Token, card: PivCard, bay: Bay) -> None:
    """As above with our own check taken away: OpenSC's settings alone must hold."""
    (certificate,) = token.certificates()
    session = logged_in(token)
    session.sign(certificate, DATA)
    pcsc.reset(bay.name)
    assert session._witness is not None
    session._witness.rearm()
    with pytest.raises((PinSessionEnded, CardFailed)):
        session.sign(certificate, DATA)
    session.close()
    assert len(card.verifications()) == 1


def test_a_card_pulled_between_login_and_signature(token: Pkcs11Token, bay: Bay) -> None:
    (certificate,) = token.certificates()
    session = logged_in(token)
    bay.remove()
    with pytest.raises(CardRemoved):
        session.sign(certificate, DATA)
    session.close()


class PulledWhileSigning(PivCard):
    """Leaves its reader in the middle of GENERAL AUTHENTICATE."""

    bay: Bay

    def execute(self, command: Command) -> Answer:
        if command.ins == 0x87:
            self.bay.reader.remove()
        return super().execute(command)


def test_a_card_pulled_in_the_middle_of_the_signature(bay: Bay, port: Pkcs11Port, rsa_key: Key) -> None:
    card = PulledWhileSigning({Slot.AUTHENTICATION: rsa_key}, PIN)
    card.bay = bay
    bay.insert(card)
    session = logged_in(only_token(port))
    with pytest.raises(CardRemoved):
        session.sign(rsa_key.certificate, DATA)
    session.close()


def test_after_removal_a_fresh_token_works_without_loading_anything_again(
    port: Pkcs11Port, token: Pkcs11Token, card: PivCard, bay: Bay, tmp_path: Path
) -> None:
    bay.remove()
    assert port.tokens() == []
    bay.insert(card)
    fresh = only_token(port)
    session = logged_in(fresh)
    (certificate,) = fresh.certificates()
    assert openssl.verifies(tmp_path, certificate, DATA, session.sign(certificate, DATA))
    session.close()


def test_a_card_that_was_exchanged_is_not_logged_in_to(token: Pkcs11Token, bay: Bay, ec_key: Key) -> None:
    opened = token.open()
    bay.remove()
    other = PivCard({Slot.AUTHENTICATION: ec_key}, PIN)
    bay.insert(other)
    with pytest.raises(CardRemoved):
        token.open()
    with pytest.raises(CardRemoved):
        token.tries()
    with pytest.raises(CardRemoved):
        opened.login(pin())
    opened.close()
    assert other.verifications() == []


def test_cards_are_told_apart_by_certificate_when_slots_move(
    bay: Bay, other_bay: Bay, port: Pkcs11Port, rsa_key: Key, ec_key: Key
) -> None:
    first = PivCard({Slot.AUTHENTICATION: rsa_key}, PIN)
    second = PivCard({Slot.AUTHENTICATION: ec_key}, PIN, guid=bytes([9] * 16))
    other_bay.insert(second)
    assert only_token(port).facts.reader == other_bay.name
    bay.insert(first)
    where = {token.certificates()[0]: token for token in port.tokens()}
    assert where[rsa_key.certificate].facts.reader == bay.name
    assert where[ec_key.certificate].facts.reader == other_bay.name
    chosen = where[ec_key.certificate]
    assert isinstance(chosen, Pkcs11Token)
    logged_in(chosen).close()
    assert (len(first.verifications()), len(second.verifications())) == (0, 1)


def test_another_programs_transaction_means_busy_and_passes(token: Pkcs11Token, bay: Bay) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with other_program.at_work(bay.name):
            held.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    try:
        with pytest.raises(Busy):
            pcsc.probe(bay.name, PLACE, deadline=0.3)
    finally:
        done.set()
        holder.join(10)
    assert token.tries().count == 3


def test_reset_of_a_reader_that_is_empty_or_unknown_is_done_already(bay: Bay) -> None:
    pcsc.reset(bay.name)
    pcsc.reset("no such reader 00 00")


def test_the_event_counter_counts_insertions(bay: Bay, card: PivCard) -> None:
    before = pcsc.event_counter(bay.name)
    bay.remove()
    bay.insert(card)
    assert pcsc.event_counter(bay.name) == before + 2
