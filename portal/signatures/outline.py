"""The outline of a certificate (RFC 5280 §4.1), read strictly from its DER: what is signed, by whom, and how. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from portal.signatures import der
from portal.signatures.der import DerError

_RSA = {
    # RFC 4055 §5: with NULL
    bytes.fromhex("300d06092a864886f70d01010b0500"): hashes.SHA256(),
    bytes.fromhex("300d06092a864886f70d01010c0500"): hashes.SHA384(),
    bytes.fromhex("300d06092a864886f70d01010d0500"): hashes.SHA512(),
}
_ECDSA = {
    # RFC 5758 §3.2: without parameters
    bytes.fromhex("300a06082a8648ce3d040302"): hashes.SHA256(),
    bytes.fromhex("300a06082a8648ce3d040303"): hashes.SHA384(),
    bytes.fromhex("300a06082a8648ce3d040304"): hashes.SHA512(),
}


class Outline(NamedTuple):
    """Parts of a certificate as they stand there, DER; `algorithms`: the one inside and the one outside (§4.1.1.2)."""

    signed: bytes
    serial: int
    issuer: bytes
    subject: bytes
    algorithms: tuple[bytes, bytes]
    signature: bytes

    def signed_by(self, key: object) -> bool:
        """Whether this key made the signature, by an algorithm that is known here: SHA-2, RSA PKCS#1 v1.5 or ECDSA."""
        inside, outside = self.algorithms
        if inside != outside:
            return False
        try:
            if isinstance(key, rsa.RSAPublicKey) and inside in _RSA:
                key.verify(self.signature, self.signed, padding.PKCS1v15(), _RSA[inside])
                return True
            if isinstance(key, ec.EllipticCurvePublicKey) and inside in _ECDSA:
                key.verify(self.signature, self.signed, ec.ECDSA(_ECDSA[inside]))
                return True
        except InvalidSignature:
            return False
        return False


@lru_cache(maxsize=1024)  # one statement's certificate is asked for on several rungs
def read(certificate: bytes) -> Outline:
    """The outline of an X.509 certificate of version 3. Raises DerError."""
    tbs, outside, signature = der.exactly(3, der.children(der.read(certificate), der.SEQUENCE))
    fields = der.children(tbs, der.SEQUENCE)
    if len(fields) < 7 or fields[0].tag != der.CONTEXT_0:
        raise DerError("not an X.509 certificate of version 3")
    _, number, inside, issuer, _, subject, *_ = fields
    if (serial := der.integer(number)) == 0:
        raise DerError("serial number zero")  # §4.1.2.2
    return Outline(
        signed=tbs.raw,
        serial=serial,
        issuer=der.expect(issuer, der.SEQUENCE).raw,
        subject=subject.raw,
        algorithms=(inside.raw, outside.raw),
        signature=der.octets(
            signature
        ),  # parsers of certificates let its count of unused bits be something else than 0
    )
