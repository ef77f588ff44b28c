"""Certificates of any shape, unsigned: for what reads them, not for what believes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from asn1crypto import algos, core, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()
P256 = _PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class Pair(NamedTuple):
    oid: str
    value: core.Asn1Value


def name(relative_names: Sequence[Sequence[Pair]]) -> bytes:
    """RDNSequence (RFC 5280 §4.1.2.4), DER."""
    return sequence([_relative(each) for each in relative_names])


def certificate(
    subject: bytes,
    issuer: bytes,
    *,
    serial: int = 1,
    validity: tuple[datetime, datetime],
    extensions: Sequence[x509.Extension] = (),
    key: bytes = P256,
) -> bytes:
    """A certificate with an empty signature, DER: put together by hand, so that no name is re-encoded."""
    algorithm = bytes(algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}).dump())
    times = [bytes(x509.Time({"general_time": moment}).dump()) for moment in validity]
    parts = [
        constructed(0xA0, bytes(core.Integer(2).dump())),  # v3
        bytes(core.Integer(serial).dump()),
        *(algorithm, issuer, sequence(times), subject, key),
    ]
    if extensions:
        parts.append(constructed(0xA3, sequence([bytes(extension.dump()) for extension in extensions])))
    return sequence([sequence(parts), algorithm, bytes(core.BitString((0,) * 8).dump())])


def _relative(pairs: Sequence[Pair]) -> bytes:
    parts = [sequence([core.ObjectIdentifier(pair.oid).dump(), pair.value.dump()]) for pair in pairs]
    return constructed(0x31, b"".join(sorted(parts)))


def sequence(parts: Sequence[bytes]) -> bytes:
    return constructed(0x30, b"".join(parts))


def constructed(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
