"""Which mechanism is taken of those that a token offers, and what must not pass for a signature."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from pkcs11 import Mechanism

from bridge.card.pkcs11 import signing_keys
from bridge.card.pkcs11.mechanisms import KNOWN, PublicKey, choose
from bridge.card.signature.algorithms import SignatureAlgorithm
from bridge.errors import CardFailed

RSA, EC = PublicKey("rsa", 256), PublicKey("ec", 32)


def certificate(directory: Path, *key: str) -> bytes:
    """A self-signed certificate by openssl, DER."""
    command = ["openssl", "req", "-x509", "-newkey", *key, "-noenc", "-keyout", "key.pem", "-subj", "/CN=test"]
    made = subprocess.run([*command, "-outform", "DER"], cwd=directory, capture_output=True, check=True)
    return made.stdout


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (("rsa:2048",), ("rsa", 256)),
        (("rsa:2056",), ("rsa", 257)),
        (("rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"), ("rsassa_pss", 256)),
        (("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), ("ec", 32)),
        (("ec", "-pkeyopt", "ec_paramgen_curve:P-384"), ("ec", 48)),
        (("ec", "-pkeyopt", "ec_paramgen_curve:P-521"), ("ec", 66)),
    ],
)
def test_kind_and_length_of_a_certificates_key(tmp_path: Path, key: tuple[str, ...], expected: tuple[str, int]) -> None:
    assert signing_keys.public_key(certificate(tmp_path, *key)) == expected


def test_the_hash_is_the_tokens_where_it_has_one_and_pss_comes_last() -> None:
    everything = set(KNOWN)
    assert choose(RSA, everything).mechanism is Mechanism.SHA256_RSA_PKCS
    rest = everything - {Mechanism.SHA256_RSA_PKCS, Mechanism.RSA_PKCS}
    assert choose(RSA, rest).mechanism is Mechanism.RSA_X_509
    assert choose(RSA, rest - {Mechanism.RSA_X_509}).algorithm is SignatureAlgorithm.RSA_PSS


def test_a_certificate_for_pss_alone_is_signed_for_by_pss() -> None:
    """RFC 4055 §1.2: such a key is for nothing else."""
    restricted = PublicKey("rsassa_pss", 256)
    assert choose(restricted, KNOWN).algorithm is SignatureAlgorithm.RSA_PSS
    with pytest.raises(CardFailed, match="rsassa_pss"):
        choose(restricted, {Mechanism.SHA256_RSA_PKCS})


@pytest.mark.parametrize("kind", ["ed25519", "dsa", ""])
def test_a_key_of_another_kind_has_no_mechanism(kind: str) -> None:
    with pytest.raises(CardFailed, match="no mechanism"):
        choose(PublicKey(kind, 32), KNOWN)


@pytest.mark.parametrize("length", [0, 63, 65, 96, 70])
def test_numbers_of_another_length_are_no_ecdsa_signature(length: int) -> None:
    with pytest.raises(CardFailed, match="no pair of numbers"):
        choose(EC, {Mechanism.ECDSA}).finished(b"\x01" * length, EC)


def test_r_and_s_keep_their_sign() -> None:
    """DER INTEGERs are signed and shortest (X.690 §8.3): 80… gets a zero in front, 00… loses them."""
    raw = b"\x80" + bytes(31) + bytes(31) + b"\x01"
    made = choose(EC, {Mechanism.ECDSA}).finished(raw, EC)
    assert made == b"\x30\x26\x02\x21\x00\x80" + bytes(31) + b"\x02\x01\x01"


@pytest.mark.parametrize(("curve", "octets"), [(32, 32), (48, 48), (66, 32)])
def test_a_hash_is_as_long_as_the_curve_where_that_changes_nothing(curve: int, octets: int) -> None:
    key = PublicKey("ec", curve)
    given = choose(key, {Mechanism.ECDSA}).prepare(b"data", key)
    assert (len(given), given.lstrip(b"\0")) == (octets, hashlib.sha256(b"data").digest())
