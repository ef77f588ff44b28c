"""What stands in a ds:Signature of XAdES-B-B: every element in its place, nothing besides (pure, on lxml's elements).

XML Signature §4, ETSI EN 319 132-1 §5 and §6.3. Signed properties that are not needed are covered by the signature and
not interpreted.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Any, NamedTuple

from portal.refusals import Refused
from portal.signatures import cms
from portal.signatures.der import DerError

DS, XADES = "{http://www.w3.org/2000/09/xmldsig#}", "{http://uri.etsi.org/01903/v1.3.2#}"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = ("http://www.w3.org/2000/09/xmldsig#enveloped-signature", _EXCLUSIVE)
_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_MORE, _ENC = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2001/04/xmlenc#"
_DIGESTS = {f"{_ENC}sha256": "sha256", f"{_MORE}sha384": "sha384", f"{_ENC}sha512": "sha512"}
_PSS = "http://www.w3.org/2007/05/xmldsig-more#{}-rsa-MGF1"
_ALGORITHMS = {
    **{f"{_MORE}rsa-sha{bits}": (f"1.2.840.113549.1.1.{arc}", bits) for bits, arc in ((256, 11), (384, 12), (512, 13))},
    **{_PSS.format(f"sha{bits}"): ("1.2.840.113549.1.1.10", bits) for bits in (256, 384, 512)},
    **{f"{_MORE}ecdsa-sha{bits}": (f"1.2.840.10045.4.3.{arc}", bits) for bits, arc in ((256, 2), (384, 3), (512, 4))},
}
"""SignatureMethod → the same as CMS calls it, and its hash (RFC 9231)."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
Element = Any
"""lxml's, which ships no types."""


class Digest(NamedTuple):
    digest_alg: str
    digest: bytes


class Reference(NamedTuple):
    digest_alg: str
    digest: bytes
    uri: str
    type: str
    id: str
    transforms: tuple[str, ...]


class Signature(NamedTuple):
    algorithm: str
    """As CMS calls it (`algorithms.DOCUMENTS`)."""
    digest_alg: str
    document: Reference
    properties: Reference
    value: bytes
    certificates: tuple[bytes, ...]
    signer: Digest
    """Of the signer's certificate."""
    signing_time: datetime
    mime: str
    time_stamp: bytes | None = None
    """A token that nobody has looked at yet."""


def read(signature: Element, *, stamped: bool = False) -> Signature:
    """Raises Refused. `stamped`: one SignatureTimeStamp may be there (EN 319 132-1 §5.3), which the caller judges.

    Codes: xml_malformed, unsigned_parts, algorithm_refused, attribute_missing, attribute_repeated, signer_missing.
    """
    info, value, key, holder = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo", "Object", ids="Id")
    method, *references = _signed_info(info)
    document, properties = (_reference(each) for each in references)
    signed = signed_properties(signature)
    if (properties.type, properties.uri) != (_PROPERTIES, f"#{signed.get('Id')}") or document.type == _PROPERTIES:
        raise Refused("xml_malformed", "references")
    if properties.transforms != (_EXCLUSIVE,):
        raise Refused("xml_malformed", "transforms")
    _children(holder, "QualifyingProperties", space=XADES, ids="Id")
    unsigned = list(holder[0])[1:]
    if unsigned and not stamped:
        raise Refused("unsigned_parts", "UnsignedProperties")
    algorithm, bits = _named(method, _ALGORITHMS)
    return Signature(
        algorithm=algorithm,
        digest_alg=f"sha{bits}",
        document=document,
        properties=properties,
        value=_octets(value, ids="Id"),
        certificates=_certificates(key),
        signer=_signer(signed),
        signing_time=_signing_time(signed),
        mime=_mime(signed, document.id),
        time_stamp=_time_stamp(unsigned[0]) if unsigned else None,
    )


def signed_properties(signature: Element) -> Element:
    """The only one, in its place. Raises Refused (xml_malformed, unsigned_parts)."""
    qualifying = signature[-1][0] if len(signature[-1]) == 1 else None
    if qualifying is None or qualifying.tag != f"{XADES}QualifyingProperties":
        raise Refused("unsigned_parts", "Object")
    if len(qualifying) > 2:
        raise Refused("unsigned_parts", "UnsignedProperties")
    if qualifying.get("Target") != f"#{signature.get('Id')}":
        raise Refused("xml_malformed", "Target")
    more = ("UnsignedProperties",) if len(qualifying) == 2 else ()
    properties, *_ = _children(qualifying, "SignedProperties", *more, space=XADES, ids="Id Target")
    if not properties.get("Id"):
        raise Refused("xml_malformed", "SignedProperties without Id")
    return properties


def _time_stamp(unsigned: Element) -> bytes:
    """The only unsigned property that there may be, by exclusive canonicalization, with one token."""
    try:
        (properties,) = _children(unsigned, "UnsignedSignatureProperties", space=XADES)
        (stamp,) = _children(properties, "SignatureTimeStamp", space=XADES)
        method, token = list(stamp)
        _require_bare(stamp, "Id")
    except (ValueError, Refused) as error:
        raise Refused("unsigned_parts", "SignatureTimeStamp") from error
    if (method.tag, token.tag) != (f"{DS}CanonicalizationMethod", f"{XADES}EncapsulatedTimeStamp"):
        raise Refused("unsigned_parts", "SignatureTimeStamp")
    if _algorithm(method) != _EXCLUSIVE:
        raise Refused("algorithm_refused", "canonicalization")
    return _octets(token)


def _children(parent: Element, *names: str, space: str = DS, ids: str = "") -> list[Element]:
    """Exactly these, with no text between and no attribute besides `ids`. Raises Refused (xml_malformed)."""
    found = list(parent)
    _require_bare(parent, ids)
    if [each.tag for each in found] != [f"{space}{name}" for name in names]:
        raise Refused("xml_malformed", f"in {_local(parent)}")
    return found


def _require_bare(parent: Element, ids: str) -> None:
    between = "".join([parent.text or "", *(each.tail or "" for each in parent)])
    if between.strip(" \t\r\n") or not set(parent.keys()) <= set(ids.split()):
        raise Refused("unsigned_parts", f"in {_local(parent)}")


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _signed_info(info: Element) -> list[Element]:
    """SignatureMethod and two References."""
    method, *rest = _children(info, "CanonicalizationMethod", "SignatureMethod", "Reference", "Reference", ids="Id")
    if _algorithm(method) != _EXCLUSIVE:
        raise Refused("algorithm_refused", "canonicalization")
    return rest


def _algorithm(element: Element) -> str:
    """Its Algorithm; parameters are not taken."""
    _children(element, ids="Algorithm")
    return str(element.get("Algorithm"))


def _named(element: Element, known: dict[str, Any]) -> Any:
    if (found := known.get(name := _algorithm(element))) is None:
        raise Refused("algorithm_refused", name)
    return found


def _reference(element: Element) -> Reference:
    has_transforms = len(element) == 3
    names = ("Transforms",) if has_transforms else ()
    *changed, method, value = _children(element, *names, "DigestMethod", "DigestValue", ids="Id URI Type")
    listed = list(changed[0]) if changed else []
    if changed:
        _children(changed[0], *["Transform"] * len(listed))
    uri, kind, name = (str(element.get(each, "")) for each in ("URI", "Type", "Id"))
    return Reference(_named(method, _DIGESTS), _octets(value), uri, kind, name, tuple(map(_algorithm, listed)))


def _octets(element: Element, ids: str = "") -> bytes:
    """xsd:base64Binary (XML Schema 2 §3.2.16): white space is allowed, bits to spare are zero. Raises Refused."""
    if len(element) or not set(element.keys()) <= set(ids.split()):
        raise Refused("xml_malformed", f"in {_local(element)}")
    text = "".join((element.text or "").split())
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("xml_malformed", f"base64 in {_local(element)}") from error
    if base64.b64encode(octets).decode() != text:
        raise Refused("xml_malformed", f"base64 in {_local(element)}")
    return octets


def _certificates(key: Element) -> tuple[bytes, ...]:
    """X509Data with nothing but certificates: what else could stand there, no signature covers."""
    (data,) = _children(key, "X509Data", ids="Id")
    listed = list(data)
    _require_bare(data, "")
    if any(each.tag != f"{DS}X509Certificate" for each in listed):
        raise Refused("unsigned_parts", "X509Data")
    found = tuple(map(_octets, listed))
    if not 1 <= len(found) <= cms.MAX_CERTIFICATES or max(map(len, found)) > cms.MAX_CERTIFICATE_SIZE:
        raise Refused("signer_missing", f"{len(found)} certificates")
    for each in found:
        try:
            cms.issuer_and_serial(each)
        except DerError as error:
            raise Refused("certificate_malformed", str(error)) from error
    return found


def _one(properties: Element, *path: str) -> Element:
    """The only element of that way below SignedProperties. Raises Refused."""
    found = [properties]
    for name in path:
        found = [child for each in found for child in each if child.tag == f"{XADES}{name}"]
        if len(found) != 1:
            raise Refused("attribute_repeated" if found else "attribute_missing", name)
    return found[0]


def _signer(properties: Element) -> Digest:
    cert = _one(properties, "SignedSignatureProperties", "SigningCertificateV2", "Cert", "CertDigest")
    method, value = _children(cert, "DigestMethod", "DigestValue")
    return Digest(_named(method, _DIGESTS), _octets(value))


def _signing_time(properties: Element) -> datetime:
    text = _text(_one(properties, "SignedSignatureProperties", "SigningTime"))
    if not _TIME.fullmatch(text):
        raise Refused("xml_malformed", "SigningTime")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("xml_malformed", "SigningTime") from error


def _mime(properties: Element, reference: str) -> str:
    """Of the document, whose reference the format has to name."""
    form = _one(properties, "SignedDataObjectProperties", "DataObjectFormat")
    if not reference or form.get("ObjectReference") != f"#{reference}":
        raise Refused("xml_malformed", "ObjectReference")
    return _text(_one(form, "MimeType"))


def _text(element: Element) -> str:
    """All of it: a comment, which is not signed, would cut it in two."""
    if len(element):
        raise Refused("xml_malformed", f"in {_local(element)}")
    return str(element.text or "").strip()
