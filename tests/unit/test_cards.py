"""Which PIN a certificate stands behind, and what is said of a card that hides its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from asn1crypto import core

from bridge.card.cards import Cards
from bridge.card.listing import listing
from bridge.card.port import CardSession, Token, TokenFacts
from bridge.card.profiles.recognition import profiles
from bridge.card.safety.tries import UNKNOWN, Tries
from bridge.errors import Busy, NoCard, NoCertificate
from tests.unit.certificates import Pair, certificate, name

NOW = datetime(2026, 11, 24, tzinfo=UTC)
VALIDITY = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC))
ISSUER = name([[Pair("2.5.4.10", core.UTF8String("CA"))]])


def signer(text: str) -> bytes:
    return certificate(name([[Pair("2.5.4.3", core.UTF8String(text))]]), ISSUER, validity=VALIDITY)


class Shown:
    """A token that shows what it is told to."""

    def __init__(self, reader: str, profile: str, *certificates: bytes, identified_by: str = "") -> None:
        self.facts = TokenFacts(reader, "", profile, 4, 8, pin_pad=False, identified_by=identified_by)
        self.shown = list(certificates)

    def certificates(self) -> list[bytes]:
        return self.shown

    def tries(self) -> Tries:
        return UNKNOWN

    def open(self) -> CardSession:
        raise NotImplementedError


class Port:
    def __init__(self, *tokens: Shown) -> None:
        self.shown = tokens

    def tokens(self) -> list[Token]:
        return list(self.shown)

    def close(self) -> None:
        """Nothing is held open."""


def cards(*tokens: Shown) -> Cards:
    return Cards([Port(*tokens)], lambda: NOW)


A, B, C = (signer(letter) for letter in "ABC")


def test_certificates_of_one_token_have_one_pin_whatever_their_order() -> None:
    one, other = cards(Shown("r", "piv", A, B)).present(), cards(Shown("r", "piv", B, A)).present()
    assert {found.card for found in (*one.found, *other.found)} == {min(found.info.id for found in one.found)}


def test_certificates_of_two_tokens_have_two_pins() -> None:
    present = cards(Shown("r", "piv", A), Shown("s", "piv", B)).present()
    assert [found.card for found in present.found] == [found.info.id for found in present.found]


def test_a_hidden_certificate_is_named_by_its_companion_in_the_same_reader() -> None:
    def locked(companion: bytes, profile: str = "jpki-sign") -> list[str]:
        hidden = Shown("r", profile, identified_by="jpki-auth")
        return [each.card for each in cards(Shown("r", "jpki-auth", companion), hidden).present().locked]

    assert locked(A) == locked(A)
    assert locked(A) != locked(B)
    assert locked(A) != locked(A, "another")
    elsewhere = cards(Shown("s", "jpki-auth", A), Shown("r", "jpki-sign", identified_by="jpki-auth")).present()
    assert elsewhere.locked == ()


def test_what_the_pin_showed_is_found_again_by_its_id_and_never_listed() -> None:
    hidden = Shown("r", "jpki-sign", identified_by="jpki-auth")
    both = cards(Shown("r", "jpki-auth", A), hidden)
    before = listing(both, lambda _card, _tries: False)
    hidden.shown = [C]
    (_, opened) = both.present().found
    assert [listing(both, lambda _card, _tries: False), opened.card] == [before, both.present().locked[0].card]
    hidden.shown = []
    assert both.find(opened.info.id).der == C
    assert both.find(opened.info.id).token is hidden


def test_what_one_persons_pin_showed_is_not_found_on_anothers_card() -> None:
    auth, hidden = Shown("r", "jpki-auth", A), Shown("r", "jpki-sign", C, identified_by="jpki-auth")
    both = cards(auth, hidden)
    (_, opened) = both.present().found
    auth.shown, hidden.shown = [B], []
    with pytest.raises(NoCertificate):
        both.find(opened.info.id)
    with pytest.raises(NoCertificate):
        both.locked(opened.card)


def test_a_profile_can_say_that_its_key_only_authenticates() -> None:
    token = Shown("r", "jpki-auth", A)
    assert [found.info.purpose for found in cards(token).present().found] == ["sign"]
    token.facts = token.facts._replace(authenticates=True)
    assert [found.info.purpose for found in cards(token).present().found] == ["auth"]
    assert tuple(profiles().named(name).authenticates for name in ("jpki-auth", "jpki-sign")) == (True, False)


def test_a_pins_name_finds_its_token() -> None:
    auth, hidden = Shown("r", "jpki-auth", A), Shown("r", "jpki-sign", identified_by="jpki-auth")
    both = cards(auth, hidden)
    present = both.present()
    assert both.token(present.found[0].card) is auth
    assert both.token(present.locked[0].card) is hidden
    with pytest.raises(NoCertificate):
        both.token("ab" * 32)
    with pytest.raises(NoCard):
        cards().token("ab" * 32)


def test_a_card_that_two_libraries_show_is_listed_once_by_the_first() -> None:
    vendors = (Shown("r", "vendor", A), Shown("r", "jpki-sign", identified_by="jpki-auth"))
    openscs = (Shown("r", "jpki-auth", A, B), Shown("r", "jpki-sign", identified_by="jpki-auth"))
    both = Cards([Port(*vendors), Port(*openscs)], lambda: NOW)
    present = both.present()
    assert [(found.token, found.der) for found in present.found] == [(vendors[0], A), (openscs[0], B)]
    assert len(present.locked) == 1
    assert both.find(present.found[0].info.id).token is vendors[0]


class Held:
    """A port whose library is kept waiting."""

    def tokens(self) -> list[Token]:
        raise Busy("another program holds the card")

    def close(self) -> None:
        """Nothing is held open."""


def test_what_may_be_behind_a_held_reader_is_busy_and_not_missing() -> None:
    both = Cards([Held(), Port(Shown("reader", "piv", A))], lambda: NOW)
    (found,) = both.present().found
    assert both.find(found.info.id).der == A
    with pytest.raises(Busy):
        both.find("0" * 64)
