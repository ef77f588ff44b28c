"""Certificates of any shape, unsigned: for what reads them, not for what believes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from asn1crypto import core, keys, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()
P256 = _PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class Pair(NamedTuple):
    oid: str
    value: core.Asn1Value


def name(relative_names: Sequence[Sequence[Pair]]) -> bytes:
    """RDNSequence (RFC 5280 §4.1.2.4), DER."""
    return _sequence([_relative(each) for each in relative_names])


def certificate(
    subject: bytes,
    issuer: bytes,
    *,
    serial: int = 1,
    validity: tuple[datetime, datetime],
    extensions: Sequence[x509.Extension] = (),
    key: bytes = P256,
) -> bytes:
    """A certificate with an empty signature, DER."""
    algorithm = {"algorithm": "sha256_rsa"}
    content = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": serial,
            "signature": algorithm,
            "issuer": x509.Name.load(issuer),
            "validity": {
                "not_before": x509.Time({"general_time": validity[0]}),
                "not_after": x509.Time({"general_time": validity[1]}),
            },
            "subject": x509.Name.load(subject),
            "subject_public_key_info": keys.PublicKeyInfo.load(key),
            "extensions": list(extensions) or None,
        }
    )
    whole = {"tbs_certificate": content, "signature_algorithm": algorithm, "signature_value": b"\x00"}
    return bytes(x509.Certificate(whole).dump())


def _relative(pairs: Sequence[Pair]) -> bytes:
    parts = [_sequence([core.ObjectIdentifier(pair.oid).dump(), pair.value.dump()]) for pair in pairs]
    return _constructed(0x31, b"".join(sorted(parts)))


def _sequence(parts: Sequence[bytes]) -> bytes:
    return _constructed(0x30, b"".join(parts))


def _constructed(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
