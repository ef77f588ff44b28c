"""A certificate's outline: the signature over the octets as they stand, and nothing else, by its issuer's key."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from portal.signatures import outline
from portal.signatures.der import DerError
from portal.signatures.trust import Trust
from tests.unit import portal_pki as pki

Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
HASHES: list[type[Hash]] = [hashes.SHA256, hashes.SHA384, hashes.SHA512]
SHA256_RSA, SHA384_RSA = (bytes.fromhex(f"300d06092a864886f70d01010{digit}0500") for digit in "bc")


def issued(key: pki.Key, algorithm: Hash, pss: padding.PSS | None = None) -> bytes:
    builder = x509.CertificateBuilder(
        pki.ISSUER, pki.subject(), pki.ec_key("leaf").public_key(), 77, pki.NOW, pki.NOW.replace(year=2030)
    )
    return builder.sign(key, algorithm, rsa_padding=pss).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("algorithm", HASHES)
@pytest.mark.parametrize("key", [pki.rsa_key("ca"), pki.ec_key("ca"), pki.ec_key("ca", "secp384r1")])
def test_only_its_issuers_key_signed_it(key: pki.Key, algorithm: type[Hash]) -> None:
    found = outline.read(issued(key, algorithm()))
    assert (found.serial, found.issuer, found.subject) == (77, pki.ISSUER.public_bytes(), pki.subject().public_bytes())
    assert found.signed_by(key.public_key())
    for other in (pki.rsa_key("other"), pki.ec_key("other"), pki.ec_key("other", "secp384r1")):
        assert not found.signed_by(other.public_key())


def test_no_changed_octet_is_taken() -> None:
    key, dice = pki.rsa_key("ca"), random.Random(20261201)
    der = issued(key, hashes.SHA256())
    for _ in range(400):
        changed = bytearray(der)
        changed[dice.randrange(len(der))] ^= 1 << dice.randrange(8)
        try:
            assert not outline.read(bytes(changed)).signed_by(key.public_key())
        except DerError:
            continue


def test_algorithms_that_are_not_known_are_no_yes() -> None:
    key = pki.rsa_key("ca")
    pss = issued(key, hashes.SHA256(), padding.PSS(padding.MGF1(hashes.SHA256()), 32))
    assert not outline.read(pss).signed_by(key.public_key())


def without_word_inside(authority: pki.Authority) -> bytes:
    """A leaf, well signed with SHA-256, that names SHA-384 inside (RFC 5280 §4.1.1.2: MUST be the same)."""
    assert isinstance(authority.key, rsa.RSAPrivateKey)
    leaf = asn1_x509.Certificate.load(authority.issue(5).der)
    tbs = leaf["tbs_certificate"].dump().replace(SHA256_RSA, SHA384_RSA)
    signature = authority.key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    leaf["tbs_certificate"] = asn1_x509.TbsCertificate.load(tbs)
    leaf["signature_value"] = signature
    return bytes(leaf.dump(force=True))


def test_two_words_on_the_algorithm_are_a_doubt(tmp_path: Path) -> None:
    folder, authority = pki.TrustFolder(tmp_path), pki.Authority()
    folder.anchor(authority)
    folder.crl(authority.crl())
    trust = Trust(folder.folders)
    trust.validate(authority.issue(4).der, pki.NOW)
    leaf = without_word_inside(authority)
    found = outline.read(leaf)
    assert found.algorithms == (SHA384_RSA, SHA256_RSA)
    key = authority.key.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(found.signature, found.signed, padding.PKCS1v15(), hashes.SHA256())  # by itself it holds
    assert not found.signed_by(key)
    assert trust._fast.accepts(leaf, pki.NOW) is None
