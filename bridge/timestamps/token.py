"""A time-stamp token: CMS SignedData over TSTInfo with one signer (RFC 3161 §2.4.2), and whether that signer signed it.

Whom to believe is for path.py.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, NamedTuple

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bridge.errors import TimestampInvalid
from bridge.timestamps import path

MAX_CERTIFICATES = 8
_SET = b"\x31"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class Token(NamedTuple):
    info: Any
    """asn1crypto's TSTInfo."""
    signer: x509.Certificate
    others: tuple[x509.Certificate, ...]
    """What it brought along beside the signer's."""


def opened(token: cms.ContentInfo) -> Token:
    """A token that its own signer has signed. Raises TimestampInvalid, and ValueError and its like for other bytes."""
    if token["content_type"].native != "signed_data":
        raise TimestampInvalid("a token that is no SignedData")
    signed, (info, *more) = token["content"], token["content"]["signer_infos"]
    encapsulated = signed["encap_content_info"]
    if more or encapsulated["content_type"].native != "tst_info" or signed["version"].native != "v3":
        raise TimestampInvalid("not one signature over TSTInfo")
    content = bytes(encapsulated["content"])
    certificates = _certificates(signed)
    at = _signer(certificates, info["sid"])
    ders = [each.dump() for each in certificates]
    _check_attributes(info, content, ders[at])
    loaded = [x509.load_der_x509_certificate(each) for each in ders]
    signer = loaded.pop(at)
    _check_signature(info, signer)
    return Token(tsp.TSTInfo.load(content, strict=True), signer, tuple(loaded))


def _certificates(signed: Any) -> list[Any]:
    found = [each.chosen for each in signed["certificates"] if each.name == "certificate"]
    if not 1 <= len(found) <= MAX_CERTIFICATES:
        raise TimestampInvalid(f"{len(found)} certificates")
    return found


def _signer(certificates: list[Any], identifier: Any) -> int:
    """Which of them is the signer's."""
    wanted = identifier.chosen
    if identifier.name == "issuer_and_serial_number":
        name = wanted["issuer"].dump(), wanted["serial_number"].native
        matching = [at for at, each in enumerate(certificates) if (each.issuer.dump(), each.serial_number) == name]
    else:
        matching = [at for at, each in enumerate(certificates) if each.key_identifier == wanted.native]
    if len(matching) != 1:
        raise TimestampInvalid("the signer's certificate is not in the token")
    return matching[0]


def _check_attributes(info: Any, content: bytes, signer: bytes) -> None:
    """content-type, message-digest and the signer's certificate, each once (RFC 5652 §11, RFC 5816 §2.2.1)."""
    attributes = {each["type"].native: each["values"] for each in info["signed_attrs"]}
    if len(attributes) != len(info["signed_attrs"]):
        raise TimestampInvalid("a signed attribute twice")
    if _single(attributes, "content_type").native != "tst_info":
        raise TimestampInvalid("content-type names another")
    digest = hashlib.new(_hash_name(info), content).digest()
    if not hmac.compare_digest(digest, _single(attributes, "message_digest").native):
        raise TimestampInvalid("message-digest is not TSTInfo's")
    if not hmac.compare_digest(*_certificate_hashes(attributes, signer)):
        raise TimestampInvalid("signing-certificate names another")


def _certificate_hashes(attributes: dict[str, Any], signer: bytes) -> tuple[bytes, bytes]:
    """What the signer said of its certificate, and what is true of it. The first identifier is the signer's own."""
    if "signing_certificate_v2" in attributes:
        first = _single(attributes, "signing_certificate_v2")["certs"][0]
        name = first["hash_algorithm"]["algorithm"].native
        if name not in _HASHES:
            raise TimestampInvalid(f"signing-certificate-v2 by {name}")
        return first["cert_hash"].native, hashlib.new(name, signer).digest()
    first = _single(attributes, "signing_certificate")["certs"][0]
    # RFC 2634 §5.4: SHA-1 is all that version 1 knows, and what many authorities still send. It only tells apart
    # certificates of one key; the path is judged by itself.
    return first["cert_hash"].native, hashlib.sha1(signer).digest()  # noqa: S324


def _single(attributes: dict[str, Any], name: str) -> Any:
    values = attributes.get(name, ())
    if len(values) != 1:
        raise TimestampInvalid(f"{name} is missing")
    return values[0]


def _hash_name(info: Any) -> str:
    name = str(info["digest_algorithm"]["algorithm"].native)
    if name not in _HASHES:
        raise TimestampInvalid(f"signed by {name}")
    return name


def _check_signature(info: Any, signer: x509.Certificate) -> None:
    if not path.long_enough(signer):
        raise TimestampInvalid("a key of a kind or size that does not count")
    # RFC 5652 §5.4: signed as SET OF, carried as [0] IMPLICIT
    data = _SET + info["signed_attrs"].dump()[1:]
    used, key, signature = _HASHES[_hash_name(info)], signer.public_key(), info["signature"].native
    kind = _kind(info["signature_algorithm"], used)
    try:
        match key, kind:
            case RSAPublicKey(), "rsassa_pkcs1v15":
                key.verify(signature, data, PKCS1v15(), used)
            case RSAPublicKey(), "rsassa_pss":
                salt = info["signature_algorithm"]["parameters"]["salt_length"].native
                key.verify(signature, data, PSS(MGF1(used), salt), used)
            case EllipticCurvePublicKey(), "ecdsa":
                key.verify(signature, data, ECDSA(used))
            case _:
                raise TimestampInvalid("key and signature algorithm do not belong together")
    except InvalidSignature as error:
        raise TimestampInvalid("its signature does not verify") from error


def _kind(algorithm: Any, used: hashes.HashAlgorithm) -> str:
    """RSA with or without PSS, or ECDSA, with the digest's own hash throughout."""
    kind = str(algorithm.signature_algo)
    named = {used.name if algorithm["algorithm"].native == "rsassa_pkcs1v15" else algorithm.hash_algo}
    if kind == "rsassa_pss":
        generator = algorithm["parameters"]["mask_gen_algorithm"]
        named |= {generator["parameters"]["algorithm"].native}
    if named != {used.name}:
        raise TimestampInvalid("signature algorithm and digest do not belong together")
    return kind
