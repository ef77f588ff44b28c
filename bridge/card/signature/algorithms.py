"""The signature algorithms that leave a card here, as CMS names them (pure). SHA-256 everywhere: docs/protocol.md."""

from __future__ import annotations

from enum import Enum


class SignatureAlgorithm(Enum):
    """Value: the signatureAlgorithm AlgorithmIdentifier, DER."""

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
