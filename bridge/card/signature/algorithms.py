"""The hashes and signature algorithms that leave a card here, as CMS names them (pure).

A statement has SHA-256 and nothing else (docs/protocol.md); a document may ask for a longer hash. There is no SHA-1.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import NamedTuple


class Hash(Enum):
    """Value: its name on the wire."""

    SHA256 = "SHA-256"
    SHA384 = "SHA-384"
    SHA512 = "SHA-512"

    @property
    def octets(self) -> int:
        return int(self.value[-3:]) // 8

    @property
    def library_name(self) -> str:
        """As hashlib calls it."""
        return self.name.lower()

    def of(self, data: bytes) -> bytes:
        # The constructor by its name costs the statement nothing; `new` would.
        return (hashlib.sha256(data) if self is Hash.SHA256 else hashlib.new(self.library_name, data)).digest()


class SignatureAlgorithm(Enum):
    """Value: the signatureAlgorithm AlgorithmIdentifier with SHA-256, DER."""

    RSA_PKCS1 = bytes.fromhex("300d06092a864886f70d01010b0500")
    """sha256WithRSAEncryption (RFC 4055 §5, with NULL)."""
    RSA_PSS = bytes.fromhex(
        "304106092a864886f70d01010a3034"
        "a00f300d06096086480165030402010500"
        "a11c301a06092a864886f70d010108300d06096086480165030402010500"
        "a203020120"
    )
    """id-RSASSA-PSS: SHA-256, MGF1 with SHA-256, a salt of 32 bytes (RFC 4055 §3.1, RFC 4056 §3)."""
    ECDSA = bytes.fromhex("300a06082a8648ce3d040302")
    """ecdsa-with-SHA256 (RFC 5758 §3.2, without parameters), on whichever curve."""

    @property
    def scheme(self) -> str:
        """As docs/protocol.md calls it for a page."""
        return _SCHEMES[self.name]

    def identifier(self, used: Hash) -> bytes:
        """The AlgorithmIdentifier with that hash, DER: the same shape, of which only these bytes differ."""
        if used is Hash.SHA256:
            return self.value
        last, der = _LAST[used], self.value
        match self:
            case SignatureAlgorithm.RSA_PKCS1:
                return der.replace(_RSA_SHA256, _RSA_SHA256[:-1] + last.rsa)
            case SignatureAlgorithm.ECDSA:
                return der.replace(_ECDSA_SHA256, _ECDSA_SHA256[:-1] + last.ecdsa)
        return der.replace(_SHA256, _SHA256[:-1] + last.sha)[:-1] + bytes((used.octets,))


class How(NamedTuple):
    """What is asked of a key: a hash, and whether the data are that hash already."""

    hash: Hash = Hash.SHA256
    hashed: bool = False

    def digest(self, data: bytes) -> bytes:
        return data if self.hashed else self.hash.of(data)


STATEMENT = How()


class _Last(NamedTuple):
    """Last arc of an object identifier, by hash."""

    sha: bytes
    """2.16.840.1.101.3.4.2.x (RFC 5754 §2)."""
    rsa: bytes
    """1.2.840.113549.1.1.x (RFC 4055 §5)."""
    ecdsa: bytes
    """1.2.840.10045.4.3.x (RFC 5758 §3.2)."""


_SCHEMES = {"RSA_PKCS1": "RSASSA-PKCS1-v1_5", "RSA_PSS": "RSASSA-PSS", "ECDSA": "ECDSA"}
_LAST = {
    Hash.SHA256: _Last(b"\x01", b"\x0b", b"\x02"),
    Hash.SHA384: _Last(b"\x02", b"\x0c", b"\x03"),
    Hash.SHA512: _Last(b"\x03", b"\x0d", b"\x04"),
}
_SHA256 = bytes.fromhex("608648016503040201")
_DIGEST = b"\x30\x0b\x06\x09" + _SHA256
_RSA_SHA256 = bytes.fromhex("2a864886f70d01010b")
_ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")


def hash_identifier(used: Hash) -> bytes:
    """The digestAlgorithm AlgorithmIdentifier, DER: parameters absent (RFC 5754 §2)."""
    return _DIGEST if used is Hash.SHA256 else _DIGEST[:-1] + _LAST[used].sha
