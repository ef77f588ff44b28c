"""Several libraries, slots, tokens and certificates at once: each signs by its own key and its own PIN."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.card.cards import Cards
from bridge.card.pkcs11.adapter import Pkcs11Port, Pkcs11Token
from bridge.card.pkcs11.session import Pkcs11Session
from bridge.card.port import Token
from bridge.errors import CardFailed, PinCancelled, PinWrong
from tests.card import openssl
from tests.card.conftest import OPENSC, PIN, Bay, Chain, pin
from tests.card_host import CardHost
from tests.virtual import pki, softhsm
from tests.virtual.piv import Key, PivCard, Slot
from tests.virtual.softhsm import Held
from tests.virtual.vendor import Vendor

DATA = b"what the person has read and agreed to"
FIRST, SECOND = b"first-11", b"second-22"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def keys(authority: pki.Authority) -> list[Key]:
    privates: list[pki.PrivateKey] = [pki.rsa_key(), pki.ec_key(), pki.ec_key()]
    return [pki.card_key(authority, key, NOW, serial=300 + at) for at, key in enumerate(privates)]


@pytest.fixture
def vendor(keys: list[Key], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: Chain) -> Vendor:
    """Two tokens, of which the first holds two keys; the second's key wants its PIN each time."""
    hsm = softhsm.SoftHsm(tmp_path)
    hsm.add("first", FIRST.decode(), Held(keys[0]), Held(keys[1]))
    hsm.add("second", SECOND.decode(), Held(keys[2], always_authenticate=True))
    for name, value in hsm.environment.items():
        monkeypatch.setenv(name, value)
    return Vendor(tmp_path)


@pytest.fixture
def port(vendor: Vendor) -> Iterator[Pkcs11Port]:
    with contextlib.closing(Pkcs11Port(vendor.library)) as opened:
        yield opened


def labelled(port: Pkcs11Port, label: str) -> Pkcs11Token:
    (token,) = (token for token in port.tokens() if token.facts.label == label)
    assert isinstance(token, Pkcs11Token)
    return token


def logged_in(token: Token, typed: bytes) -> Pkcs11Session:
    session = token.open()
    assert isinstance(session, Pkcs11Session)
    session.login(pin(typed))
    return session


def test_each_certificate_signs_with_its_own_key_on_its_own_token(
    port: Pkcs11Port, keys: list[Key], tmp_path: Path
) -> None:
    held = {token.facts.label: sorted(token.certificates()) for token in port.tokens()}
    assert held == {
        "first": sorted(key.certificate for key in keys[:2]),
        "second": [keys[2].certificate],
    }
    session = logged_in(labelled(port, "first"), FIRST)
    signatures = [session.sign(key.certificate, DATA) for key in keys[:2]]
    session.close()
    assert all(
        openssl.verifies(tmp_path, key.certificate, DATA, signature)
        for key, signature in zip(keys[:2], signatures, strict=True)
    )


def test_the_pin_of_one_token_opens_no_other(port: Pkcs11Port) -> None:
    session = labelled(port, "second").open()
    with pytest.raises(PinWrong):
        session.login(pin(FIRST))
    session.close()
    other = logged_in(labelled(port, "first"), FIRST)
    states = other.logged_in
    other.close()
    assert states


def test_a_key_that_wants_its_pin_each_time_is_given_it_each_time(
    port: Pkcs11Port, keys: list[Key], tmp_path: Path
) -> None:
    session = logged_in(labelled(port, "second"), SECOND)
    assert session.wants_pin(keys[2].certificate)
    with pytest.raises(CardFailed, match="always authenticate"):
        session.sign(keys[2].certificate, DATA)
    with pytest.raises(PinWrong):
        session.sign(keys[2].certificate, DATA, pin(FIRST))
    session.close()
    again = logged_in(labelled(port, "second"), SECOND)
    signatures = [again.sign(keys[2].certificate, DATA, pin(SECOND)) for _ in range(2)]
    again.close()
    assert all(openssl.verifies(tmp_path, keys[2].certificate, DATA, each) for each in signatures)


def test_at_a_reader_with_keys_nothing_is_passed_to_the_library(
    vendor: Vendor, port: Pkcs11Port, keys: list[Key], tmp_path: Path
) -> None:
    """The library refuses a PIN that a program passes; the second line is the signature's own."""
    vendor.pad(SECOND.decode(), SECOND.decode())
    token = labelled(port, "second")
    assert token.facts.pin_pad
    session = logged_in(token, b"ignored")
    signature = session.sign(keys[2].certificate, DATA, pin(b"ignored"))
    session.close()
    assert openssl.verifies(tmp_path, keys[2].certificate, DATA, signature)


def test_given_up_at_the_readers_keys_is_no_wrong_pin(vendor: Vendor, port: Pkcs11Port, keys: list[Key]) -> None:
    vendor.pad(SECOND.decode())
    session = labelled(port, "second").open()
    session.login(pin(b""))
    with pytest.raises(PinCancelled):
        session.sign(keys[2].certificate, DATA, pin(b""))
    with pytest.raises(PinCancelled):
        session.login(pin(b""))
    session.close()


def test_a_wrong_pin_at_the_readers_keys_is_one(vendor: Vendor, port: Pkcs11Port) -> None:
    vendor.pad(FIRST.decode())
    session = labelled(port, "second").open()
    with pytest.raises(PinWrong):
        session.login(pin(b""))
    session.close()


def test_two_libraries_at_once_each_with_its_own_cards(
    vendor: Vendor, keys: list[Key], bay: Bay, rsa_key: Key, tmp_path: Path
) -> None:
    card = PivCard({Slot.AUTHENTICATION: rsa_key}, PIN)
    bay.insert(card)
    cards = Cards([Pkcs11Port(vendor.library), Pkcs11Port(OPENSC)], lambda: NOW)
    with contextlib.closing(cards):
        found = {each.der: each.token for each in cards.present().found}
        assert found.keys() == {rsa_key.certificate, *(key.certificate for key in keys)}
        sessions = [logged_in(found[rsa_key.certificate], PIN), logged_in(found[keys[1].certificate], FIRST)]
        signatures = [
            session.sign(key.certificate, DATA) for session, key in zip(sessions, (rsa_key, keys[1]), strict=True)
        ]
        for session in sessions:
            session.close()
    assert openssl.verifies(tmp_path, rsa_key.certificate, DATA, signatures[0])
    assert openssl.verifies(tmp_path, keys[1].certificate, DATA, signatures[1])
    assert len(card.verifications()) == 1


def test_a_piv_card_with_a_p384_key(bay: Bay, authority: pki.Authority, tmp_path: Path) -> None:
    key = pki.card_key(authority, pki.ec_key(ec.SECP384R1()), NOW, serial=310)
    bay.insert(PivCard({Slot.AUTHENTICATION: key}, PIN))
    with contextlib.closing(Pkcs11Port(OPENSC)) as port:
        (token,) = port.tokens()
        session = logged_in(token, PIN)
        signatures = [session.sign(key.certificate, DATA) for _ in range(4)]
        session.close()
    assert all(openssl.verifies(tmp_path, key.certificate, DATA, signature) for signature in signatures)


def test_without_any_setting_the_libraries_that_profiles_name_are_met(bay: Bay, rsa_key: Key, tmp_path: Path) -> None:
    bay.insert(PivCard({Slot.AUTHENTICATION: rsa_key}, PIN))
    host = CardHost(tmp_path, {"practice": False})
    host.start()
    try:
        (token,) = host.ask("certificates")["result"]["tokens"]
    finally:
        host.stop()
    assert (token["reader"], token["profile"]) == (bay.name, "piv")
    assert [base64.b64decode(each["der"]) for each in token["certificates"]] == [rsa_key.certificate]


def test_two_libraries_that_show_the_same_card_show_it_once(bay: Bay, rsa_key: Key, tmp_path: Path) -> None:
    """A copy of the library under another name, as a vendor ships it."""
    copy = tmp_path / "vendor-pkcs11.so"
    copy.write_bytes(OPENSC.read_bytes())
    card = PivCard({Slot.AUTHENTICATION: rsa_key}, PIN)
    bay.insert(card)
    cards = Cards([Pkcs11Port(copy), Pkcs11Port(OPENSC)], lambda: NOW)
    with contextlib.closing(cards):
        assert len(cards.tokens()) == 2
        (found,) = cards.present().found
        session = logged_in(found.token, PIN)
        signature = session.sign(rsa_key.certificate, DATA)
        session.close()
    assert openssl.verifies(tmp_path, rsa_key.certificate, DATA, signature)
    assert len(card.verifications()) == 1
