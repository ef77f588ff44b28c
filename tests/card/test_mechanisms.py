"""A signature by whatever mechanism a token has for it, on every kind of key, and each judged by openssl."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Mechanism

from bridge.card.pkcs11.adapter import Pkcs11Port, Pkcs11Token
from bridge.card.pkcs11.session import Pkcs11Session
from bridge.card.signature import cades
from bridge.card.signature.algorithms import SignatureAlgorithm
from bridge.card.signature.statement import CONTENT_TYPE
from bridge.errors import CardFailed
from portal.refusals import Refused
from portal.signatures import cms as portal_cms
from tests.card import openssl
from tests.card.conftest import Chain, pin
from tests.virtual import pki, softhsm
from tests.virtual.piv import Key
from tests.virtual.softhsm import Held
from tests.virtual.vendor import Vendor

PIN = "Zq7-xW93kLmP"
NOW = datetime.now(UTC)
DATA = b"what the person has read and agreed to"
PKCS1, PSS, ECDSA = SignatureAlgorithm.RSA_PKCS1, SignatureAlgorithm.RSA_PSS, SignatureAlgorithm.ECDSA


class Keys(NamedTuple):
    rsa: Key
    rsa_3072: Key
    pss_only: Key
    p256: Key
    p384: Key


class Bench(NamedTuple):
    keys: Keys
    vendor: Vendor


@pytest.fixture(scope="module")
def keys(authority: pki.Authority) -> Keys:
    privates: list[pki.PrivateKey] = [
        pki.rsa_key(),
        pki.rsa_key(3072),
        pki.rsa_key(),
        pki.ec_key(),
        pki.ec_key(ec.SECP384R1()),
    ]
    return Keys(*(pki.card_key(authority, key, NOW, serial=200 + at) for at, key in enumerate(privates)))


@pytest.fixture(scope="module")
def bench(keys: Keys, tmp_path_factory: pytest.TempPathFactory, chain: Chain) -> Iterator[Bench]:
    """All keys in one token, behind a vendor's library that tells which mechanisms it has."""
    directory = tmp_path_factory.mktemp("mechanisms")
    hsm, allowed = softhsm.SoftHsm(directory), {keys.pss_only: "SHA256-RSA-PKCS-PSS"}
    hsm.add("test", PIN, *(Held(key, allowed.get(key, "")) for key in keys))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in hsm.environment.items():
            patch.setenv(name, value)
        yield Bench(keys, Vendor(directory))


@contextlib.contextmanager
def session(library: Path) -> Iterator[Pkcs11Session]:
    with contextlib.closing(Pkcs11Port(library)) as port:
        (token,) = port.tokens()
        assert isinstance(token, Pkcs11Token)
        opened = token.open()
        assert isinstance(opened, Pkcs11Session)
        opened.login(pin(PIN.encode()))
        yield opened
        opened.close()


@pytest.mark.parametrize("name", ["rsa", "rsa_3072", "p256", "p384"])
@pytest.mark.parametrize(
    ("mechanism", "kind", "algorithm"),
    [
        (Mechanism.SHA256_RSA_PKCS, "rsa", PKCS1),
        (Mechanism.RSA_PKCS, "rsa", PKCS1),
        (Mechanism.RSA_X_509, "rsa", PKCS1),
        (Mechanism.SHA256_RSA_PKCS_PSS, "rsa", PSS),
        (Mechanism.RSA_PKCS_PSS, "rsa", PSS),
        (Mechanism.ECDSA, "p", ECDSA),
    ],
)
def test_one_mechanism_is_enough(
    bench: Bench, name: str, mechanism: Mechanism, kind: str, algorithm: SignatureAlgorithm, tmp_path: Path
) -> None:
    key: Key = getattr(bench.keys, name)
    bench.vendor.offer(mechanism)
    with session(bench.vendor.library) as opened:
        if not name.startswith(kind):
            with pytest.raises(CardFailed, match="no mechanism"):
                opened.sign(key.certificate, DATA)
            return
        assert opened.algorithm(key.certificate) is algorithm
        signature = opened.sign(key.certificate, DATA)
    assert openssl.verifies(tmp_path, key.certificate, DATA, signature, pss=algorithm is PSS)
    assert not openssl.verifies(tmp_path, key.certificate, DATA + b"!", signature, pss=algorithm is PSS)


def test_a_key_that_may_do_less_than_its_token_is_asked_for_that(bench: Bench, tmp_path: Path) -> None:
    """CKA_ALLOWED_MECHANISMS: the token would take PKCS#1 v1.5, this key does not."""
    bench.vendor.behave()
    with session(bench.vendor.library) as opened:
        algorithms = [opened.algorithm(key.certificate) for key in (bench.keys.rsa, bench.keys.pss_only)]
        signature = opened.sign(bench.keys.pss_only.certificate, DATA)
    assert algorithms == [PKCS1, PSS]
    assert openssl.verifies(tmp_path, bench.keys.pss_only.certificate, DATA, signature, pss=True)


def test_a_mechanism_that_is_listed_but_not_for_signing_is_none(bench: Bench) -> None:
    bench.vendor.misbehave("C_GetMechanismInfo", "encrypts")
    with session(bench.vendor.library) as opened, pytest.raises(CardFailed, match="no mechanism"):
        opened.sign(bench.keys.rsa.certificate, DATA)


def test_a_library_that_tells_nothing_of_its_mechanisms_is_taken_at_its_word(bench: Bench, tmp_path: Path) -> None:
    bench.vendor.misbehave("C_GetMechanismInfo", "refuse")
    with session(bench.vendor.library) as opened:
        signature = opened.sign(bench.keys.rsa.certificate, DATA)
    assert openssl.verifies(tmp_path, bench.keys.rsa.certificate, DATA, signature)


def test_a_library_of_pkcs11_2_01_signs(bench: Bench, tmp_path: Path) -> None:
    """As the authorities' own may be (decision 25): the hash is ours, and what a key may do is not told."""
    bench.vendor.age()
    key = bench.keys.rsa
    with session(bench.vendor.library) as opened:
        assert not opened.wants_pin(key.certificate)
        signature = opened.sign(key.certificate, DATA)
    assert openssl.verifies(tmp_path, key.certificate, DATA, signature)


@pytest.mark.parametrize("name", Keys._fields)
def test_a_statements_cms_names_the_algorithm_that_the_token_chose(
    bench: Bench, name: str, authority: pki.Authority, tmp_path: Path
) -> None:
    key: Key = getattr(bench.keys, name)
    bench.vendor.behave()
    attributes = cades.signed_attributes(DATA, CONTENT_TYPE, key.certificate, NOW)
    with session(bench.vendor.library) as opened:
        signature = cades.Signature(opened.sign(key.certificate, attributes), opened.algorithm(key.certificate))
    signer = cades.SignerIdentity(key.certificate, ())
    signed = cades.envelope(DATA, CONTENT_TYPE, attributes, signature, signer)
    assert openssl.opened(tmp_path, authority.pem(), signed) == DATA
    assert portal_cms.verify(portal_cms.read(signed)).public_bytes(Encoding.DER) == key.certificate
    forged = bytearray(signed)
    forged[signed.index(DATA)] ^= 1
    with pytest.raises(subprocess.CalledProcessError):
        openssl.opened(tmp_path, authority.pem(), bytes(forged))
    with pytest.raises(Refused, match="digest_mismatch"):
        portal_cms.verify(portal_cms.read(bytes(forged)))
