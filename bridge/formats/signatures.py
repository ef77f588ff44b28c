"""A ds:Signature of the card host's, as text: the file that a detached one is, and a time-stamp put into it (pure)."""

from __future__ import annotations

import base64
import re

from bridge.formats.order import Refusal

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_DS = b'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
_VALUE = re.compile(rb'<ds:SignatureValue (Id="[a-z0-9-]+")>([A-Za-z0-9+/=]+)</ds:SignatureValue>')
_END = b"</xades:QualifyingProperties>"


def value_octets(signature: bytes) -> bytes:
    """What a SignatureTimeStamp is over: the canonical SignatureValue element (ETSI EN 319 132-1 §5.3). Raises Refusal.

    Exclusive canonical form of the template's own text: the namespace is declared, and goes before the Id.
    """
    found = _VALUE.findall(signature)
    if len(found) != 1:
        raise Refusal("document_malformed", "no signature of the card host's")
    return b"<ds:SignatureValue %s %s>%s</ds:SignatureValue>" % (_DS, *found[0])


def stamped(signature: bytes, token: bytes) -> bytes:
    """The signature with a TimeStampToken (DER) over `value_octets`: B-T. Raises Refusal."""
    if signature.count(_END) != 1:
        raise Refusal("document_malformed", "no signature of the card host's")
    return signature.replace(_END, _UNSIGNED % base64.b64encode(token) + _END)


_UNSIGNED = (
    b"<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>"
    b'<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>'
    b"<xades:EncapsulatedTimeStamp>%s</xades:EncapsulatedTimeStamp>"
    b"</xades:SignatureTimeStamp></xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
)
