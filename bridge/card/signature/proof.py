"""Whether what a card gave back is a signature by its own certificate: a library may call nonsense a success."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bridge.card.signature.algorithms import SignatureAlgorithm
from bridge.card.signature.cades import Signature
from bridge.errors import CardFailed, CertificateUnsuitable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes


def require_signature(certificate: bytes, data: bytes, signature: Signature) -> None:
    """A signature of the algorithm that it claims, over `data`, by the certificate's key.

    Raises CardFailed when it does not verify, CertificateUnsuitable for a key of another kind.
    """
    # Here and not at the top: a tenth of a second that a host which only lists certificates does not pay.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _public_key(certificate)
    try:
        match key, signature.algorithm:
            case RSAPublicKey(), SignatureAlgorithm.RSA_PKCS1:
                key.verify(signature.value, data, PKCS1v15(), SHA256())
            case RSAPublicKey(), SignatureAlgorithm.RSA_PSS:
                key.verify(signature.value, data, PSS(MGF1(SHA256()), SHA256.digest_size), SHA256())
            case EllipticCurvePublicKey(), SignatureAlgorithm.ECDSA:
                key.verify(signature.value, data, ECDSA(SHA256()))
            case _:
                raise CertificateUnsuitable("a key of this kind signs no statements")
    except InvalidSignature as error:
        raise CardFailed("what the card returned is no signature by its certificate") from error


@lru_cache(maxsize=16)
def _public_key(certificate: bytes) -> CertificatePublicKeyTypes:
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate).public_key()
