"""A statement's CMS without the card's time: as we write it, as asn1crypto's encoder does, and as pyHanko does.

All three make SignedData with the same content, certificate and four signed attributes, around one signature value
that is there already. What pyHanko makes is compared with ours element by element before anything is timed.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from benchmarks.signature import statement_request
from bridge.card.practice import card as practice
from bridge.card.practice import pki as practice_pki
from bridge.card.signature import cades, statement
from bridge.card.signature.algorithms import SignatureAlgorithm
from tests.flow.bridge import ORIGIN

_TIMES, _WARMING = often(1000), 20
_TITLE = "Statement's CMS (3.4 kB of JSON, RSA-2048) without the card's signature"


class Given(NamedTuple):
    request: dict[str, Any]
    certificate: bytes
    moment: datetime
    content: bytes
    signature: bytes


async def measure(directory: Path) -> list[Comparison]:
    given = _given(directory)
    makers: dict[str, Callable[[], Awaitable[bytes]]] = {
        "attributes and CMS, by us": lambda: _ours(given),
        "attributes and CMS, by asn1crypto": lambda: _asn1crypto(given),
        "attributes and CMS, by pyHanko": _pyhanko(given),
    }
    first = [await make() for make in makers.values()]
    assert first[0] == first[1]
    assert _parts(first[0]) == _parts(first[2])
    taken: dict[str, list[float]] = {name: [] for name in makers}
    composed: list[float] = []
    for _ in range(_TIMES + _WARMING):
        composed.append(await _timed(lambda: _composed(given)))
        for name, make in makers.items():
            taken[name].append(await _timed(make))
    ours, *others = (Series(name, "ms", values[_WARMING:]) for name, values in taken.items())
    whole = [sum(each) for each in zip(composed[_WARMING:], ours.values, strict=True)]
    both = Series("with the canonical JSON before it", "ms", whole)
    return [*(Comparison(_TITLE, each, ours) for each in others), Comparison(_TITLE, ours, both)]


def _given(directory: Path) -> Given:
    practice_pki.ensure(directory, datetime.now(UTC))
    card, moment = practice.read(directory), datetime.now(UTC).replace(microsecond=0)
    request = statement_request(card.certificate.hex()[:64])["statement"]
    content = statement.compose(request, ORIGIN, card.certificate, moment)
    key = load_pem_private_key(card.key_pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    attributes = cades.signed_attributes(content, statement.CONTENT_TYPE, card.certificate, moment)
    return Given(request, card.certificate, moment, content, key.sign(attributes, padding.PKCS1v15(), hashes.SHA256()))


async def _composed(given: Given) -> bytes:
    return statement.compose(given.request, ORIGIN, given.certificate, given.moment)


async def _ours(given: Given) -> bytes:
    attributes = cades.signed_attributes(given.content, statement.CONTENT_TYPE, given.certificate, given.moment)
    made = cades.Signature(given.signature, SignatureAlgorithm.RSA_PKCS1)
    signer = cades.SignerIdentity(given.certificate, ())
    return cades.envelope(given.content, statement.CONTENT_TYPE, attributes, made, signer)


async def _asn1crypto(given: Given) -> bytes:
    certificate = x509.Certificate.load(given.certificate)
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    del sha256["parameters"]
    time_ = cms.Time(name="utc_time", value=given.moment)
    ess = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(given.certificate).digest()}]})
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": [statement.CONTENT_TYPE]},
            {"type": "message_digest", "values": [hashlib.sha256(given.content).digest()]},
            {"type": "signing_time", "values": [time_]},
            {"type": "signing_certificate_v2", "values": [ess]},
        ]
    )
    attributes.dump()  # what the card would sign
    name = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    content = core.ParsableOctetString(given.content)
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(name="issuer_and_serial_number", value=name),
        "digest_algorithm": sha256,
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_rsa"},
        "signature": given.signature,
    }
    signed_data = {
        "version": "v3",
        "digest_algorithms": [sha256],
        "encap_content_info": cms.EncapsulatedContentInfo({"content_type": statement.CONTENT_TYPE, "content": content}),
        "certificates": [certificate],
        "signer_infos": [info],
    }
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump())


def _pyhanko(given: Given) -> Callable[[], Awaitable[bytes]]:
    """Its signer for general CMS with a value that is there already, set up once as a program would."""
    from pyhanko.sign.signers import ExternalSigner
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    signer = ExternalSigner(
        signing_cert=x509.Certificate.load(given.certificate),
        cert_registry=SimpleCertificateStore(),
        signature_value=given.signature,
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
    )

    async def make() -> bytes:
        content = cms.EncapsulatedContentInfo(
            {"content_type": statement.CONTENT_TYPE, "content": core.ParsableOctetString(given.content)}
        )
        wanted = PdfCMSSignedAttributes(signing_time=given.moment)
        made = await signer.async_sign_general_data(
            content, "sha256", detached=False, use_cades=True, signed_attr_settings=wanted
        )
        return bytes(made.dump())

    return make


def _parts(made: bytes) -> tuple[Any, ...]:
    """What a verifier looks at; pyHanko has a signed attribute more (RFC 6211) and none for the time with CAdES."""
    signed = cms.ContentInfo.load(made, strict=True)["content"]
    (info,) = signed["signer_infos"]
    attributes = {each["type"].native: each["values"].native for each in info["signed_attrs"]}
    named = ("content_type", "message_digest", "signing_time")
    reference = attributes["signing_certificate_v2"][0]["certs"][0]["cert_hash"]
    return (
        *(signed[key].native for key in ("version", "certificates")),
        signed["encap_content_info"].native,
        *(info[key].native for key in ("version", "sid", "signature")),
        *(attributes.get(name) for name in named),
        reference,
    )


async def _timed(make: Callable[[], Awaitable[bytes]]) -> float:
    begin = time.perf_counter()
    await make()
    return (time.perf_counter() - begin) * 1000
