"""Whether what a card gave back is a signature by its own certificate: a library may call nonsense a success."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bridge.card.signature.algorithms import STATEMENT, How, SignatureAlgorithm
from bridge.card.signature.cades import Signature
from bridge.errors import CardFailed, CertificateUnsuitable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
    from cryptography.hazmat.primitives.hashes import HashAlgorithm


def require_signature(certificate: bytes, data: bytes, signature: Signature, how: How = STATEMENT) -> None:
    """A signature of the algorithm that it claims, over `data` as `how` says, by the certificate's key.

    Raises CardFailed when it does not verify, CertificateUnsuitable for a key of another kind.
    """
    # Here and not at the top: a tenth of a second that a host which only lists certificates does not pay.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    key, digest = _public_key(certificate), how.digest(data)
    inner = _hash(how.hash.name)
    try:
        match key, signature.algorithm:
            case RSAPublicKey(), SignatureAlgorithm.RSA_PKCS1:
                key.verify(signature.value, digest, PKCS1v15(), Prehashed(inner))
            case RSAPublicKey(), SignatureAlgorithm.RSA_PSS:
                key.verify(signature.value, digest, PSS(MGF1(inner), inner.digest_size), Prehashed(inner))
            case EllipticCurvePublicKey(), SignatureAlgorithm.ECDSA:
                key.verify(signature.value, digest, ECDSA(Prehashed(inner)))
            case _:
                raise CertificateUnsuitable("a key of this kind signs nothing here")
    except InvalidSignature as error:
        raise CardFailed("what the card returned is no signature by its certificate") from error


@lru_cache
def _hash(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    found: type[HashAlgorithm] = getattr(hashes, name)
    return found()


@lru_cache(maxsize=16)
def _public_key(certificate: bytes) -> CertificatePublicKeyTypes:
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate).public_key()
