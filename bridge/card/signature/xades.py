"""XAdES-B-B (ETSI EN 319 132-1 §6) as text from a fixed template: what is signed is already canonical (pure).

No XML is read here and no foreign text written: what stands between the template's words are digests, base64, a time,
a MIME type and percent-encoded names. Exclusive canonicalisation (W3C xml-exc-c14n §2) wants a namespace declared where
it is first used, attributes in order, no empty-element tags and no white space in tags: so it is written, and tests
hold it to libxml2. SignedInfo and SignedProperties stand in the signature byte for byte as they were signed.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.card.signature.cades import Signature, SignerIdentity

_DS = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
_XADES = 'xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"'
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_DIGESTS = {
    Hash.SHA256: "http://www.w3.org/2001/04/xmlenc#sha256",
    Hash.SHA384: f"{_MORE}sha384",
    Hash.SHA512: "http://www.w3.org/2001/04/xmlenc#sha512",
}
_ALGORITHMS = {
    SignatureAlgorithm.RSA_PKCS1: f"{_MORE}rsa-{{}}",
    SignatureAlgorithm.ECDSA: f"{_MORE}ecdsa-{{}}",
    # RFC 9231 §2.3.10: MGF1 with the same hash, a salt of its length, as the card makes it.
    SignatureAlgorithm.RSA_PSS: "http://www.w3.org/2007/05/xmldsig-more#{}-rsa-MGF1",
}
XML = "text/xml"


class Reference(NamedTuple):
    """The document: the one that the signature is in, or a file beside it."""

    digest: bytes
    """Enveloped: of its exclusive canonical form. Detached: of its bytes."""
    hash: Hash
    name: str
    """File name of a detached one; empty: enveloped."""
    mime: str = XML


class Signed(NamedTuple):
    """What the card signs is `info`; the digest of `properties` is in it."""

    info: bytes
    properties: bytes
    name: str
    """Of the signature; the Ids in it begin so."""


def signed(document: Reference, certificate: bytes, algorithm: SignatureAlgorithm, now: datetime, name: str) -> Signed:
    """SignedProperties and SignedInfo, canonical. `name`: an XML name that no document has."""
    properties = _signed_properties(document, certificate, now, name).encode()
    references = (
        _reference(f'Id="{name}-document" URI="{quote(document.name, safe="")}"', document, _transforms(document)),
        _reference(
            f'Type="{_PROPERTIES}" URI="#{name}-properties"',
            Reference(document.hash.of(properties), document.hash, ""),
            (_EXCLUSIVE,),
        ),
    )
    info = (
        f"<ds:SignedInfo {_DS}>"
        f"{_empty('ds:CanonicalizationMethod', _EXCLUSIVE)}"
        f"{_empty('ds:SignatureMethod', _ALGORITHMS[algorithm].format(document.hash.library_name))}"
        f"{''.join(references)}</ds:SignedInfo>"
    )
    return Signed(info.encode(), properties, name)


def element(made: Signed, signature: Signature, signer: SignerIdentity) -> bytes:
    """ds:Signature with what was signed, its value and the certificates."""
    certificates = "".join(
        f"<ds:X509Certificate>{_base64(each)}</ds:X509Certificate>" for each in (signer.certificate, *signer.chain)
    )
    return (
        f'<ds:Signature {_DS} Id="{made.name}">{made.info.decode()}'
        f'<ds:SignatureValue Id="{made.name}-value">{_base64(value(signature, signer))}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>"
        f'<ds:Object><xades:QualifyingProperties {_XADES} Target="#{made.name}">'
        f"{made.properties.decode()}</xades:QualifyingProperties></ds:Object></ds:Signature>"
    ).encode()


def value(signature: Signature, signer: SignerIdentity) -> bytes:
    """As XML signatures have it: of ECDSA r and s, each as long as the curve's order (XML-DSig 1.1 §6.4.3)."""
    if signature.algorithm is not SignatureAlgorithm.ECDSA:
        return signature.value
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    octets = _curve_octets(signer.certificate)
    return b"".join(each.to_bytes(octets, "big") for each in decode_dss_signature(signature.value))


def _curve_octets(certificate: bytes) -> int:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    key = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise TypeError("an ECDSA signature by another key")
    return (key.curve.key_size + 7) // 8


def _signed_properties(document: Reference, certificate: bytes, now: datetime, name: str) -> str:
    """SigningTime, SigningCertificateV2 with the hash alone, DataObjectFormat with MimeType (EN 319 132-1 §5.2)."""
    digest = hashlib.sha256(certificate).digest()
    return (
        f'<xades:SignedProperties {_XADES} Id="{name}-properties"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>"
        "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
        f"{_digest(Hash.SHA256, digest, f' {_DS}')}"
        "</xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>"
        f'<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#{name}-document">'
        f"<xades:MimeType>{document.mime}</xades:MimeType>"
        "</xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>"
    )


def _transforms(document: Reference) -> tuple[str, ...]:
    return () if document.name else (_ENVELOPED, _EXCLUSIVE)


def _reference(attributes: str, document: Reference, transforms: tuple[str, ...]) -> str:
    listed = "".join(_empty("ds:Transform", each) for each in transforms)
    changed = f"<ds:Transforms>{listed}</ds:Transforms>" if listed else ""
    return f"<ds:Reference {attributes}>{changed}{_digest(document.hash, document.digest)}</ds:Reference>"


def _digest(used: Hash, digest: bytes, declared: str = "") -> str:
    """`declared`: the namespace, where no element around it has it."""
    return (
        f'<ds:DigestMethod{declared} Algorithm="{_DIGESTS[used]}"></ds:DigestMethod>'
        f"<ds:DigestValue{declared}>{_base64(digest)}</ds:DigestValue>"
    )


def _empty(tag: str, algorithm: str) -> str:
    return f'<{tag} Algorithm="{algorithm}"></{tag}>'


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
