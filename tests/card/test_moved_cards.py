"""What a library remembers of a card that has moved is not relied on; what lives on another card goes on living."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bridge.card.pkcs11.adapter import Pkcs11Port
from bridge.card.pkcs11.session import Pkcs11Session
from tests.card import openssl
from tests.card.conftest import OPENSC, PIN, Bay, Chain, eventually, only_token, pin
from tests.virtual.piv import Key, PivCard, Slot

DATA = b"what the person has read and agreed to"


def logged_in(port: Pkcs11Port, key: Key) -> Pkcs11Session:
    (token,) = [token for token in port.tokens() if key.certificate in token.certificates()]
    session = token.open()
    assert isinstance(session, Pkcs11Session)
    session.login(pin())
    return session


def test_a_card_that_was_in_when_the_service_started_may_be_pulled_and_put_back_unseen(
    chain: Chain, bay: Bay, card: PivCard, rsa_key: Key, tmp_path: Path
) -> None:
    chain.service.stop()
    chain.service.start()
    with contextlib.closing(Pkcs11Port(OPENSC)) as port:
        eventually(lambda: bool(port.tokens()), "the service powers the card")
        logged_in(port, rsa_key).close()
        bay.remove()
        bay.insert(card)
        session = logged_in(port, rsa_key)
        assert openssl.verifies(tmp_path, rsa_key.certificate, DATA, session.sign(rsa_key.certificate, DATA))
        session.close()


def test_a_session_of_a_card_that_was_pulled_ends_without_touching_the_next_one(
    port: Pkcs11Port, bay: Bay, card: PivCard, rsa_key: Key
) -> None:
    """The library begins anew with the card that was put back, and may give its session the number of the old one."""
    old = logged_in(port, rsa_key)
    bay.remove()
    bay.insert(card)
    new = logged_in(port, rsa_key)
    old.close()
    assert new.logged_in
    new.sign(rsa_key.certificate, DATA)
    new.close()


def test_a_card_that_moves_in_another_reader_leaves_the_login_alone(
    port: Pkcs11Port, bay: Bay, card: PivCard, other_bay: Bay, rsa_key: Key, ec_key: Key
) -> None:
    session = logged_in(port, rsa_key)
    other_bay.insert(PivCard({Slot.AUTHENTICATION: ec_key}, PIN, guid=bytes([9] * 16)))
    logged_in(port, ec_key).close()
    other_bay.remove()
    assert only_token(port).facts.reader == bay.name
    assert session.logged_in
    session.sign(rsa_key.certificate, DATA)
    session.close()
