"""The CMS, held against a general encoder byte for byte and against openssl's verdict."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bridge.card.signature import cades, der
from bridge.card.signature.algorithms import SignatureAlgorithm
from bridge.card.signature.statement import CONTENT_TYPE
from tests.unit import pki

CONTENT = b'{"v":1}'
NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)


def signed(now: datetime = NOW, content: bytes = CONTENT) -> tuple[bytes, bytes, bytes]:
    card = pki.card()
    attributes = cades.signed_attributes(content, CONTENT_TYPE, card.certificate, now)
    key = serialization.load_pem_private_key(card.key_pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
    signer, made = cades.SignerIdentity(card.certificate, ()), cades.Signature(signature, SignatureAlgorithm.RSA_PKCS1)
    return cades.envelope(content, CONTENT_TYPE, attributes, made, signer), attributes, signature


@pytest.mark.parametrize("year", [2026, 2049, 2050])
def test_the_bytes_equal_a_general_encoders(year: int) -> None:
    now = NOW.replace(year=year)
    envelope, attributes, signature = signed(now)
    modelled = _modelled(now, signature)
    assert modelled["content"]["signer_infos"][0]["signed_attrs"].untag().dump() == attributes
    assert modelled.dump() == envelope


def _modelled(now: datetime, signature: bytes) -> cms.ContentInfo:
    certificate = x509.Certificate.load(pki.card().certificate)
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    if "parameters" in sha256:
        del sha256["parameters"]
    time = cms.Time(name="utc_time" if now.year < 2050 else "generalized_time", value=now)
    ess = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(pki.card().certificate).digest()}]})
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": [CONTENT_TYPE]},
            {"type": "message_digest", "values": [hashlib.sha256(CONTENT).digest()]},
            {"type": "signing_time", "values": [time]},
            {"type": "signing_certificate_v2", "values": [ess]},
        ]
    )
    encapsulated = cms.EncapsulatedContentInfo(
        {"content_type": CONTENT_TYPE, "content": core.ParsableOctetString(CONTENT)}
    )
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": {
                "version": "v3",
                "digest_algorithms": [sha256],
                "encap_content_info": encapsulated,
                "certificates": [certificate],
                "signer_infos": [
                    {
                        "version": "v1",
                        "sid": cms.SignerIdentifier(
                            name="issuer_and_serial_number",
                            value={"issuer": certificate.issuer, "serial_number": certificate.serial_number},
                        ),
                        "digest_algorithm": sha256,
                        "signed_attrs": attributes,
                        "signature_algorithm": {"algorithm": "sha256_rsa"},
                        "signature": signature,
                    }
                ],
            },
        }
    )


@pytest.mark.parametrize("size", [0, 1, 127, 128, 65_536])
def test_openssl_accepts_it_and_gives_the_content_back(tmp_path: Path, size: int) -> None:
    content = bytes(size)
    (tmp_path / "statement.p7m").write_bytes(signed(content=content)[0])
    result = _openssl(tmp_path, "statement.p7m")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "content").read_bytes() == content


def test_openssl_refuses_a_changed_content(tmp_path: Path) -> None:
    changed = signed()[0].replace(CONTENT, b'{"v":2}')
    (tmp_path / "changed.p7m").write_bytes(changed)
    assert _openssl(tmp_path, "changed.p7m").returncode != 0


def _openssl(directory: Path, name: str) -> subprocess.CompletedProcess[bytes]:
    anchor = pki.practice_directory() / "ca.pem"
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(directory / name)]
    return subprocess.run(
        [*command, "-purpose", "any", "-CAfile", str(anchor), "-out", str(directory / "content")],
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("dotted", ["1.2.840.113549.1.7.2", "2.16.840.1.101.3.4.2.1", "0.9.2342", CONTENT_TYPE])
def test_object_identifiers(dotted: str) -> None:
    assert der.oid(dotted) == core.ObjectIdentifier(dotted).dump()
