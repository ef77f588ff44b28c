"""マイナンバーカード through OpenSC's jpki driver: two PINs, two counters, and a certificate that hides behind one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from bridge.card import pcsc
from bridge.card.certinfo import describe
from bridge.card.pkcs11.adapter import Pkcs11Port, Pkcs11Token
from bridge.card.pkcs11.session import Pkcs11Session
from bridge.card.port import Token
from bridge.card.safety.tries import Hint
from bridge.errors import BridgeError, PinFormat, PinLocked, PinSessionEnded, PinWrong
from tests.card import jpki_cards, openssl
from tests.card.conftest import Bay, pin
from tests.card.jpki_cards import AUTH_PIN, SIGN_PIN
from tests.virtual import pki
from tests.virtual.jpki import Contents, File, JpkiCard

DATA = b"what the person has read and agreed to"


@pytest.fixture(scope="module")
def contents(authority: pki.Authority) -> Contents:
    return jpki_cards.contents(authority, datetime.now(UTC))


@pytest.fixture
def jpki(bay: Bay, contents: Contents) -> JpkiCard:
    fresh = JpkiCard(contents)
    bay.insert(fresh)
    return fresh


class Tokens(NamedTuple):
    auth: Pkcs11Token
    sign: Pkcs11Token


@pytest.fixture
def tokens(port: Pkcs11Port, jpki: JpkiCard) -> Tokens:
    found = {token.facts.profile: token for token in port.tokens() if isinstance(token, Pkcs11Token)}
    assert sorted(found) == ["jpki-auth", "jpki-sign"]
    return Tokens(found["jpki-auth"], found["jpki-sign"])


def logged_in(token: Pkcs11Token, text: bytes) -> Pkcs11Session:
    session = token.open()
    assert isinstance(session, Pkcs11Session)
    session.login(pin(text))
    return session


def signers(token: Token) -> list[bytes]:
    return [der for der in token.certificates() if not describe(der, datetime.now(UTC)).authority]


def refused(token: Pkcs11Token, text: bytes) -> type[BridgeError]:
    session = token.open()
    with pytest.raises((PinWrong, PinLocked)) as refusal:
        session.login(pin(text))
    session.close()
    return refusal.type


def test_one_card_is_two_tokens_with_the_form_of_each_pin(tokens: Tokens, jpki: JpkiCard) -> None:
    facts = [token.facts for token in tokens]
    assert [(each.pin_min, each.pin_max) for each in facts] == [(4, 4), (6, 16)]
    assert [each.identified_by for each in facts] == ["", "jpki-auth"]
    assert jpki.verifications() == []


def test_the_signature_certificate_shows_only_after_its_pin(tokens: Tokens, contents: Contents) -> None:
    assert [signers(token) for token in tokens] == [[contents.auth.certificate], []]
    session = logged_in(tokens.sign, SIGN_PIN)
    assert signers(tokens.sign) == [contents.sign.certificate]
    session.close()


def test_the_signature_certificate_is_hidden_again_when_the_session_ends(
    port: Pkcs11Port, tokens: Tokens, jpki: JpkiCard
) -> None:
    logged_in(tokens.sign, SIGN_PIN).close()
    assert not jpki.sign_pin.verified
    assert [signers(token) for token in port.tokens() if token.facts.profile == "jpki-sign"] == [[]]


def test_authentication_signs_after_one_pin(tokens: Tokens, jpki: JpkiCard, contents: Contents, tmp_path: Path) -> None:
    session = logged_in(tokens.auth, AUTH_PIN)
    signature = session.sign(contents.auth.certificate, DATA)
    session.close()
    assert openssl.verifies(tmp_path, contents.auth.certificate, DATA, signature)
    assert len(jpki.verifications()) == 1


def test_the_signature_key_wants_its_pin_each_time(
    tokens: Tokens, jpki: JpkiCard, contents: Contents, tmp_path: Path
) -> None:
    session = logged_in(tokens.sign, SIGN_PIN)
    assert session.wants_pin(contents.sign.certificate)
    signatures = [session.sign(contents.sign.certificate, DATA, pin(SIGN_PIN)) for _ in range(2)]
    session.close()
    assert all(openssl.verifies(tmp_path, contents.sign.certificate, DATA, each) for each in signatures)
    assert len(jpki.verifications()) == 3, "one for the login, one for each signature"


def test_each_pin_has_its_own_counter(tokens: Tokens, jpki: JpkiCard) -> None:
    counts = [[token.tries().count for token in tokens]]
    assert refused(tokens.sign, b"WRONG1") is PinWrong
    counts.append([token.tries().count for token in tokens])
    assert refused(tokens.auth, b"0000") is PinWrong
    counts.append([token.tries().count for token in tokens])
    logged_in(tokens.auth, AUTH_PIN).close()
    counts.append([token.tries().count for token in tokens])
    assert counts == [[3, 5], [3, 4], [2, 4], [3, 4]]
    assert (jpki.auth_pin.tries_left, jpki.sign_pin.tries_left) == (3, 4)


def test_a_locked_signature_pin_leaves_authentication_alone(
    tokens: Tokens, jpki: JpkiCard, contents: Contents, tmp_path: Path
) -> None:
    refusals = [refused(tokens.sign, b"WRONG1") for _ in range(5)]
    assert refusals[:4] == [PinWrong] * 4
    assert (tokens.sign.tries().hint, tokens.sign.tries().count) == (Hint.LOCKED, 0)
    session = logged_in(tokens.auth, AUTH_PIN)
    signature = session.sign(contents.auth.certificate, DATA)
    session.close()
    assert openssl.verifies(tmp_path, contents.auth.certificate, DATA, signature)
    assert len(jpki.verifications()) == 6


def test_a_card_locked_elsewhere_is_still_known_and_says_so(port: Pkcs11Port, bay: Bay, contents: Contents) -> None:
    card = JpkiCard(contents)
    card.sign_pin.tries_left = card.auth_pin.tries_left = 0
    bay.insert(card)
    told = {token.facts.profile: token.tries() for token in port.tokens()}
    assert {name: (tries.hint, tries.max) for name, tries in told.items()} == {
        "jpki-auth": (Hint.LOCKED, 3),
        "jpki-sign": (Hint.LOCKED, 5),
    }


@pytest.mark.parametrize("text", [b"ABC12", b"A" * 17])
def test_a_pin_of_impossible_length_is_refused_before_the_card(tokens: Tokens, jpki: JpkiCard, text: bytes) -> None:
    session = tokens.sign.open()
    with pytest.raises(PinFormat):
        session.login(pin(text))
    session.close()
    assert jpki.verifications() == []


def test_reading_the_counters_leaves_a_login_alone(
    tokens: Tokens, jpki: JpkiCard, contents: Contents, tmp_path: Path
) -> None:
    """This card forgets its logins when its application is selected again, as a card may."""
    session = logged_in(tokens.auth, AUTH_PIN)
    assert [token.tries().count for token in tokens] == [3, 5]
    assert jpki.auth_pin.verified
    signature = session.sign(contents.auth.certificate, DATA)
    session.close()
    assert openssl.verifies(tmp_path, contents.auth.certificate, DATA, signature)
    assert len(jpki.verifications()) == 1


def test_counters_are_read_also_where_another_program_chose_another_application(tokens: Tokens, jpki: JpkiCard) -> None:
    session = logged_in(tokens.auth, AUTH_PIN)
    jpki.forget()
    assert [token.tries().count for token in tokens] == [3, 5]
    session.close()


def test_another_programs_choice_of_application_ends_the_session_without_a_pin(
    tokens: Tokens, jpki: JpkiCard, bay: Bay, contents: Contents
) -> None:
    session = logged_in(tokens.auth, AUTH_PIN)
    place = pcsc.PinPlace(bytes.fromhex("D392F000260100000001"), 0x80, File.AUTH_PIN.to_bytes(2, "big"))
    pcsc.probe(bay.name, place)
    with pytest.raises(PinSessionEnded):
        session.sign(contents.auth.certificate, DATA)
    session.close()
    assert len(jpki.verifications()) == 1


def test_after_close_no_key_signs_for_another_program(tokens: Tokens, jpki: JpkiCard) -> None:
    logged_in(tokens.auth, AUTH_PIN).close()
    assert (jpki.auth_pin.verified, jpki.sign_pin.verified) == (False, False)
