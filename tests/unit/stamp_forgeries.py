"""Replies of a time-stamping authority as no honest one gives them, with signatures that are real."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from bridge.timestamps.judge import Reply
from tests.time_stamps import POLICY, Pair
from tests.unit.mutations import element, replaced

Change = Callable[[Any], object]


def forged(
    query: bytes,
    signer: Pair,
    chain: tuple[Pair, ...] = (),
    *,
    info: Change = lambda _: None,
    attributes: Change = lambda _: None,
    signed: Change = lambda _: None,
    time: datetime | None = None,
) -> bytes:
    """A reply to `query`, DER. `info` changes TSTInfo before it is signed, `attributes` the list of signed attributes
    likewise, `signed` SignedData after it was signed.
    """
    asked = tsp.TimeStampReq.load(query)
    stamped = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": asked["message_imprint"],
            "serial_number": 7,
            "gen_time": time or datetime.now(UTC).replace(microsecond=0),
            "nonce": asked["nonce"],
        }
    )
    info(stamped)
    content = stamped.dump()
    wanted = _attributes(content, signer)
    attributes(wanted)
    made = _signed_data(content, cms.CMSAttributes(wanted), signer, chain)
    signed(made)
    token = {"content_type": "signed_data", "content": made}
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def refusal(reason: str = "bad_alg") -> bytes:
    """An authority's no."""
    return bytes(Reply({"status": {"status": "rejection", "fail_info": {reason}}}).dump())


def extensions_twice(reply: bytes, certificate: int) -> bytes:
    """The reply with the field [3] of one of its token's certificates there twice, which no certificate may have."""
    extensions = [1, 1, 0, 3, certificate, 0, 7]
    return replaced(reply, extensions, element(reply, extensions).raw * 2)


def _attributes(content: bytes, signer: Pair) -> list[dict[str, Any]]:
    ess = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(signer.der).digest()}]})
    return [
        {"type": "content_type", "values": ["tst_info"]},
        {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
        {"type": "signing_certificate_v2", "values": [ess]},
    ]


def _signed_data(content: bytes, attributes: cms.CMSAttributes, signer: Pair, chain: tuple[Pair, ...]) -> Any:
    data = attributes.dump()
    certificate = x509.Certificate.load(signer.der)
    is_ec = isinstance(signer.key, ec.EllipticCurvePrivateKey)
    if isinstance(signer.key, ec.EllipticCurvePrivateKey):
        signature = signer.key.sign(data, ec.ECDSA(hashes.SHA256()))
    else:
        signature = signer.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    name = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": [certificate, *(x509.Certificate.load(each.der) for each in chain)],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier(name="issuer_and_serial_number", value=name),
                    "digest_algorithm": sha256,
                    "signed_attrs": attributes,
                    "signature_algorithm": {"algorithm": "sha256_ecdsa" if is_ec else "sha256_rsa"},
                    "signature": signature,
                }
            ],
        }
    )
