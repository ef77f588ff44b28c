"""SoftHSM: the same adapter without a reader, a counter or a lock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.card.pkcs11.adapter import Pkcs11Port
from bridge.card.safety.tries import Hint, Source
from bridge.errors import ModuleFailed, ModuleMissing, NoCertificate, PinWrong
from tests.card import openssl
from tests.card.conftest import Chain, only_token, pin
from tests.virtual import softhsm
from tests.virtual.piv import Key

PIN = "Zq7-xW93kLmP"
DATA = b"a statement"


@pytest.fixture
def hsm(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, chain: Chain) -> Key:
    key: Key = request.getfixturevalue(request.param)
    for name, value in softhsm.make(tmp_path, key, PIN).items():
        monkeypatch.setenv(name, value)
    return key


@pytest.fixture
def port(hsm: Key) -> Iterator[Pkcs11Port]:
    with contextlib.closing(Pkcs11Port(softhsm.LIBRARY)) as opened:
        yield opened


@pytest.mark.parametrize("hsm", ["rsa_key", "ec_key"], indirect=True)
def test_signatures_are_accepted_by_openssl(hsm: Key, port: Pkcs11Port, tmp_path: Path) -> None:
    token = only_token(port)
    assert token.certificates() == [hsm.certificate]
    assert (token.facts.label, token.facts.profile) == ("test", "softhsm")
    session = token.open()
    session.login(pin(PIN.encode()))
    states = [session.logged_in]
    signature = session.sign(hsm.certificate, DATA)
    session.close()
    states.append(session.logged_in)
    assert states == [True, False]
    assert openssl.verifies(tmp_path, hsm.certificate, DATA, signature)


@pytest.mark.parametrize("hsm", ["ec_key"], indirect=True)
def test_a_wrong_pin_is_said_by_flags_and_by_no_number(hsm: Key, port: Pkcs11Port) -> None:
    token = only_token(port)
    before = token.tries()
    session = token.open()
    with pytest.raises(PinWrong):
        session.login(pin(b"0000"))
    assert not session.logged_in
    session.close()
    after = token.tries()
    assert (before.hint, before.source) == (Hint.MANY, Source.FLAGS)
    assert after.hint in (Hint.LOW, Hint.MANY)
    assert {before.count, after.count, before.max, after.max} == {None}


@pytest.mark.parametrize("hsm", ["ec_key"], indirect=True)
def test_a_certificate_of_another_token_has_no_key_here(hsm: Key, port: Pkcs11Port, rsa_key: Key) -> None:
    session = only_token(port).open()
    session.login(pin(PIN.encode()))
    with pytest.raises(NoCertificate):
        session.sign(rsa_key.certificate, DATA)
    session.close()


def test_a_library_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModuleMissing):
        Pkcs11Port(tmp_path / "absent.so").tokens()


def test_a_library_without_its_full_path_is_not_searched_for() -> None:
    with pytest.raises(ModuleMissing):
        Pkcs11Port(Path("libsofthsm2.so")).tokens()


def test_a_file_that_is_no_library(tmp_path: Path) -> None:
    file = tmp_path / "text.so"
    file.write_text("no library")
    with pytest.raises(ModuleFailed):
        Pkcs11Port(file).tokens()


@pytest.mark.parametrize("hsm", ["ec_key"], indirect=True)
def test_a_session_from_before_the_library_began_anew_ends_none_of_the_same_number(hsm: Key, port: Pkcs11Port) -> None:
    old = only_token(port).open()
    old.login(pin(PIN.encode()))
    port._unload()
    new = only_token(port).open()
    new.login(pin(PIN.encode()))
    old.close()
    assert new.logged_in
    new.close()
