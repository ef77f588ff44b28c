"""A time-stamp token: CMS SignedData over TSTInfo with one signer (RFC 3161 §2.4.2), and whether that signer signed it.

Whom to believe is for path.py.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, NamedTuple

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bridge.card.signature.algorithms import Hash, SignatureAlgorithm, hash_identifier
from bridge.card.signature.der import SEQUENCE, head, oid, tlv
from bridge.errors import TimestampInvalid
from bridge.timestamps import path

MAX_CERTIFICATES = 8
_SET = b"\x31"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

_NULL = b"\x05\x00"
_IDENTIFIERS = {each.library_name: hash_identifier(each) for each in Hash}
_DIGESTS = {der: name for name, der in _IDENTIFIERS.items()} | {
    # RFC 5754 §2: NULL must be accepted as well
    tlv(SEQUENCE, der[head(der, 0).start :], _NULL): name
    for name, der in _IDENTIFIERS.items()
}
_RSA_ENCRYPTION = tlv(SEQUENCE, oid("1.2.840.113549.1.1.1"), _NULL)
"""With the digest's hash: what many programs write (RFC 3370 §3.2)."""


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
    _check_whole(token, signed, encapsulated, info)
    content, certificates = bytes(encapsulated["content"]), _certificates(signed)
    ders, attributes = [received(each) for each in certificates], received(info["signed_attrs"])
    at = _signer(certificates, info["sid"])
    digest = _digest_name(info["digest_algorithm"])
    if [_digest_name(each) for each in signed["digest_algorithms"]] != [digest]:
        raise TimestampInvalid("digestAlgorithms differ from the signer's")
    _check_attributes(info, content, ders[at], digest)
    loaded = [x509.load_der_x509_certificate(each) for each in ders]
    signer = loaded.pop(at)
    _check_signature(info, attributes, signer, digest)
    return Token(tsp.TSTInfo.load(content, strict=True), signer, tuple(loaded))


def received(value: Any) -> bytes:
    """The octets of a parsed value as they came, asked for before anything in it is read.

    asn1crypto's own dump takes a length that ends in 80 (30 82 01 80) for BER's indefinite form and writes the value
    anew, in an order of its own and without the elements that it has no field for. So it does, here too, once a default
    value was read inside.
    """
    if isinstance(value, core.Choice):
        return received(value.chosen)
    structured = isinstance(value, core.Sequence | core.SequenceOf)
    return bytes(core.Asn1Value.dump(value) if structured else value.dump())


def _check_whole(token: Any, signed: Any, encapsulated: Any, info: Any) -> None:
    """What no signature covers is as RFC 5652 has it, and nothing stands beside it: asn1crypto reads what it is asked
    for, and takes elements that no field is for. Others' programs would refuse the whole signature for it.
    """
    sid, version = info["sid"], info["version"]
    expected = "v1" if sid.name == "issuer_and_serial_number" else "v3"  # §5.3
    if not version.contents or version.native != expected:
        raise TimestampInvalid("SignerInfo's version")
    whole = (token, signed, encapsulated, info, *([sid.chosen] if expected == "v1" else []))
    if any(element.contents != b"".join(received(element[name]) for name in element) for element in whole):
        raise TimestampInvalid("elements that no field is for")
    _ = signed["crls"].native, info["unsigned_attrs"].native  # ValueError where they are none


def _certificates(signed: Any) -> list[Any]:
    found = [each.chosen for each in signed["certificates"]]
    if not 1 <= len(found) <= MAX_CERTIFICATES or any(each.name != "certificate" for each in signed["certificates"]):
        raise TimestampInvalid(f"{len(found)} certificates")
    return found


def _signer(certificates: list[Any], identifier: Any) -> int:
    """Which of them is the signer's."""
    wanted = identifier.chosen
    if identifier.name == "issuer_and_serial_number":
        name = received(wanted["issuer"]), wanted["serial_number"].native
        matching = [at for at, each in enumerate(certificates) if (received(each.issuer), each.serial_number) == name]
    else:
        matching = [at for at, each in enumerate(certificates) if each.key_identifier == wanted.native]
    if len(matching) != 1:
        raise TimestampInvalid("the signer's certificate is not in the token")
    return matching[0]


def _check_attributes(info: Any, content: bytes, signer: bytes, name: str) -> None:
    """content-type, message-digest and the signer's certificate, each once (RFC 5652 §11, RFC 5816 §2.2.1)."""
    attributes = {each["type"].native: each["values"] for each in info["signed_attrs"]}
    if len(attributes) != len(info["signed_attrs"]):
        raise TimestampInvalid("a signed attribute twice")
    if _single(attributes, "content_type").native != "tst_info":
        raise TimestampInvalid("content-type names another")
    digest = hashlib.new(name, content).digest()
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


def _digest_name(algorithm: Any) -> str:
    """By its whole identifier: what stands in it beside the hash is nobody's."""
    name = _DIGESTS.get(received(algorithm))
    if name is None:
        raise TimestampInvalid("a digest that does not count")
    return name


def _check_signature(info: Any, attributes: bytes, signer: x509.Certificate, name: str) -> None:
    if not path.long_enough(signer):
        raise TimestampInvalid("a key of a kind or size that does not count")
    # RFC 5652 §5.4: signed as SET OF, carried as [0] IMPLICIT
    data = _SET + attributes[1:]
    used, key, signature = _HASHES[name], signer.public_key(), info["signature"].native
    kind = _schemes(name).get(received(info["signature_algorithm"]))
    try:
        match key, kind:
            case RSAPublicKey(), SignatureAlgorithm.RSA_PKCS1:
                key.verify(signature, data, PKCS1v15(), used)
            case RSAPublicKey(), SignatureAlgorithm.RSA_PSS:
                key.verify(signature, data, PSS(MGF1(used), used.digest_size), used)
            case EllipticCurvePublicKey(), SignatureAlgorithm.ECDSA:
                key.verify(signature, data, ECDSA(used))
            case _:
                raise TimestampInvalid("an algorithm that does not count, or not with this key and digest")
    except InvalidSignature as error:
        raise TimestampInvalid("its signature does not verify") from error


def _schemes(name: str) -> dict[bytes, SignatureAlgorithm]:
    """The identifiers that go with a digest, DER."""
    named = {each.identifier(Hash[name.upper()]): each for each in SignatureAlgorithm}
    return {**named, _RSA_ENCRYPTION: SignatureAlgorithm.RSA_PKCS1}
