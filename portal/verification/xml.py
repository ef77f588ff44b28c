"""Signatures in XML (XAdES-B-B, ETSI EN 319 132-1), enveloped or detached, read strictly; loads lxml, which only a
command does and the process that reads for 検証機能 (apart/).

Nothing is found by Id or XPath: every element has to stand where the standard puts it, so that what was digested is
what is read. What no signature covers is refused, as in document.py.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from portal.refusals import Refused
from portal.signatures import algorithms, cms
from portal.verification import time_stamp
from portal.verification import xml_parts as parts
from portal.verification.opening import Content, Opened
from portal.verification.xml_parts import DS, Signature

MAX_BYTES = 64 << 20
_ECDSA = "1.2.840.10045."
Element = Any
"""lxml's, which ships no types."""


def open_file(path: Path, beside: bytes | None, *, stamps: bool = False) -> Opened:
    """An XML document with a signature inside, or a signature of the document beside it. Raises OSError, Refused.

    `stamps`: a time-stamp that is of this signature is taken; otherwise none is.

    Codes: cms_size, xml_malformed, xml_unsigned, several_signers, unsigned_parts, algorithm_refused, key_refused,
    attribute_missing, attribute_repeated, signer_missing, signing_certificate_mismatch, certificate_malformed,
    document_missing, document_differs, digest_mismatch, signature_invalid.
    """
    if (size := path.stat().st_size) > MAX_BYTES:
        raise Refused("cms_size", f"{size} bytes")
    with path.open("rb") as file:
        return open_stream(file, beside, stamps=stamps)


def open_stream(file: BinaryIO, beside: bytes | None, *, stamps: bool = False) -> Opened:
    """The same of what is open already, however long it is. Raises Refused."""
    tree = _parsed(file)
    element = _only_signature(tree)
    signature = parts.read(element, stamped=stamps)
    _verify_properties(element, signature)
    signer = _signer(signature)
    _verify_value(element, signature, signer)
    detached = element is tree.getroot()
    data = _beside(signature, beside) if detached else _enveloping(tree, element, signature, beside)
    if not hmac.compare_digest(hashlib.new(signature.document.digest_alg, data).digest(), signature.document.digest):
        raise Refused("digest_mismatch")
    content = Content(data, signature.mime, detached=detached)
    token = signature.time_stamp
    stamp = None if token is None else time_stamp.read(token, _canonical(element[1]))
    return Opened(signer, signature.certificates, signature.signing_time, content, stamp)


class _Nothing(etree.Resolver):  # type: ignore[misc] # lxml ships no types
    def resolve(self, *_: object) -> None:
        raise Refused("xml_malformed", "another file is named")


def _parsed(file: BinaryIO) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, collect_ids=False
    )
    parser.resolvers.add(_Nothing())
    try:
        tree = etree.parse(file, parser)
    except (etree.XMLSyntaxError, LookupError, OSError) as error:  # OSError: bytes that its encoding has not
        raise Refused("xml_malformed", "not well-formed") from error
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise Refused("xml_malformed", "a document type definition")
    return tree


def _only_signature(tree: Element) -> Element:
    """The root itself, or an element right below it."""
    found = list(tree.iter(f"{DS}Signature"))
    if not found:
        raise Refused("xml_unsigned")
    if len(found) > 1:
        raise Refused("several_signers", f"{len(found)} signatures")
    if found[0] is not tree.getroot() and found[0].getparent() is not tree.getroot():
        raise Refused("xml_malformed", "a signature below the root's children")
    return found[0]


def _canonical(element: Element) -> bytes:
    octets: bytes = etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False)
    return octets


def _verify_properties(element: Element, signature: Signature) -> None:
    octets = _canonical(parts.signed_properties(element))
    digest = hashlib.new(signature.properties.digest_alg, octets).digest()
    if not hmac.compare_digest(digest, signature.properties.digest):
        raise Refused("digest_mismatch", "SignedProperties")


def _signer(signature: Signature) -> bytes:
    """The certificate that SigningCertificateV2 names."""
    named = signature.signer
    found = [
        each
        for each in signature.certificates
        if hmac.compare_digest(hashlib.new(named.digest_alg, each).digest(), named.digest)
    ]
    if len(found) != 1:
        raise Refused("signing_certificate_mismatch", f"{len(found)} of {len(signature.certificates)} certificates")
    return found[0]


def _verify_value(element: Element, signature: Signature, signer: bytes) -> None:
    certificate, info = cms.load(signer), _canonical(element[0])
    value = signature.value
    if signature.algorithm.startswith(_ECDSA):
        value = _sequence(value, _curve_octets(certificate))
    algorithms.verify(certificate, signature.algorithm, signature.digest_alg, value, info)


def _curve_octets(certificate: x509.Certificate) -> int:
    try:
        key = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused("key_refused", "unreadable") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Refused("algorithm_refused", "another key with ECDSA")
    return (key.curve.key_size + 7) // 8


def _sequence(value: bytes, octets: int) -> bytes:
    """r and s as CMS has them; XML has both as long as the curve's order (XML-DSig 1.1 §6.4.3)."""
    if len(value) != 2 * octets:
        raise Refused("signature_invalid", "length of r and s")
    return encode_dss_signature(*(int.from_bytes(part, "big") for part in (value[:octets], value[octets:])))


def _beside(signature: Signature, beside: bytes | None) -> bytes:
    """A detached signature's document: its reference has a name, and is over the bytes."""
    if not signature.document.uri or signature.document.transforms:
        raise Refused("xml_malformed", "a detached reference")
    if beside is None:
        raise Refused("document_missing")
    return beside


def _enveloping(tree: Element, element: Element, signature: Signature, beside: bytes | None) -> bytes:
    """The canonical form of the document without its signature (XML-DSig §6.6.4)."""
    if signature.document.uri or signature.document.transforms != parts.ENVELOPED:
        raise Refused("xml_malformed", "an enveloped reference")
    if beside is not None:
        raise Refused("document_differs", "the document holds its signature")
    parent, before = element.getparent(), element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
    sink = _Sink()
    tree.write_c14n(sink, exclusive=True, with_comments=False)
    return bytes(sink.octets)


class _Sink:
    def __init__(self) -> None:
        self.octets = bytearray()

    def write(self, piece: bytes) -> None:
        self.octets += piece
