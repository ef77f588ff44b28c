"""What a time-stamp authority is asked (RFC 3161 §2.4.1), written directly (pure)."""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

from bridge.card.signature.algorithms import Hash, hash_identifier
from bridge.card.signature.der import OCTETS, SEQUENCE, integer, oid, tlv

_VERSION = integer(1)
_TRUE = b"\x01\x01\xff"
_NONCE_OCTETS = 8  # some authorities keep no longer one


class Query(NamedTuple):
    hash: Hash
    imprint: bytes
    """By `hash`, of what is stamped."""
    nonce: int
    """Positive, new for each query."""
    policy: str = ""
    """The authority's policy that is asked for (dotted); empty: whichever it has."""

    @classmethod
    def new(cls, hash_: Hash, imprint: bytes, policy: str = "") -> Query:
        return cls(hash_, imprint, int.from_bytes(secrets.token_bytes(_NONCE_OCTETS), "big") | 1, policy)

    def der(self) -> bytes:
        """TimeStampReq; the authority's certificates are wanted in the token (certReq)."""
        imprint = tlv(SEQUENCE, hash_identifier(self.hash), tlv(OCTETS, self.imprint))
        policy = oid(self.policy) if self.policy else b""
        return tlv(SEQUENCE, _VERSION, imprint, policy, integer(self.nonce), _TRUE)

    def wire(self) -> dict[str, Any]:
        """For the process that judges the reply."""
        told = {"hash": self.hash.value, "imprint": self.imprint.hex()}
        return {**told, "nonce": str(self.nonce), "policy": self.policy}

    @classmethod
    def parse(cls, wire: dict[str, Any]) -> Query:
        return cls(Hash(wire["hash"]), bytes.fromhex(wire["imprint"]), int(wire["nonce"]), wire["policy"])
