"""XAdES files of ours by signxml, a verifier by another hand, RSA-PSS included; and by the schema of ETSI's in it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from cryptography import x509
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.processor import get_schema
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from bridge.card.signature.algorithms import Hash
from bridge.card.signature.document import Document
from bridge.formats.signatures import DECLARATION
from bridge.requested import Format
from tests.unit.test_portal_xml_stamps import stamped as stamped_file
from tests.unit.test_xades import DS, XADES, signed
from tests.unit.xades_world import KEYS, Asked, made, signer

# It takes a signed element's canonical form apart once more, as ASCII.
DOCUMENT = b'<?xml version="1.0"?>\n<list xmlns="urn:x" b="2" a="1">\n <sum>1&amp;2</sum>\n</list>\n'
KINDS = [(kind, False) for kind in KEYS] + [("RSA", True)]


def verified(octets: bytes, kind: str) -> None:
    """Signature, references, SigningCertificateV2, and the elements by W3C's schema. Raises what it finds."""
    certificate = x509.load_der_x509_certificate(signer(kind).certificate)
    wanted = XAdESSignatureConfiguration(expect_references=2)
    XAdESVerifier().verify(octets, x509_cert=certificate, expect_references=2, expect_config=wanted)


@pytest.mark.parametrize("used", Hash)
@pytest.mark.parametrize(("kind", "pss"), KINDS)
def test_it_accepts_every_algorithm(tmp_path: Path, kind: str, pss: bool, used: Hash) -> None:
    octets = signed(tmp_path, DOCUMENT, Asked("a.xml", used, kind, pss=pss)).read_bytes()
    verified(octets, kind)
    with pytest.raises(InvalidDigest):
        verified(octets.replace(b"1&amp;2", b"1&amp;3"), kind)
    with pytest.raises(InvalidSignature):
        verified(_other_value(octets), kind)


SCHEMAS = ("XAdES01903v132-201601.xsd", "XAdES01903v132-201506.xsd")
"""ETSI EN 319 132-1 (annex C.1) and its draft."""


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("kind", KEYS)
def test_its_properties_are_by_etsis_schema(tmp_path: Path, kind: str, schema: str) -> None:
    files = {"inside": signed(tmp_path, DOCUMENT, Asked("a.xml", kind=kind)), "stamped": stamped_file(tmp_path)}
    (tmp_path / "図面 1&2.zip").write_bytes(b"content")
    document = Document("図面 1&2.zip", Format.XADES_DETACHED, Hash.SHA512, path=str(tmp_path / "図面 1&2.zip"))
    (tmp_path / "beside.xades").write_bytes(DECLARATION + made(document, Asked("図面 1&2.zip", Hash.SHA512, kind)))
    for path in (*files.values(), tmp_path / "beside.xades"):
        properties = etree.parse(str(path)).find(f".//{XADES}QualifyingProperties")
        get_schema(schema).assertValid(etree.ElementTree(properties))
        (time,) = properties.iter(f"{XADES}SigningTime")
        time.text = "yesterday"  # and the schema does look
        assert not get_schema(schema).validate(etree.ElementTree(properties))


def _other_value(octets: bytes) -> bytes:
    """One bit of the value changed."""
    value = etree.fromstring(octets).findtext(f".//{DS}SignatureValue").encode()
    changed = bytearray(b64decode(value))
    changed[-1] ^= 1
    assert octets.count(value) == 1
    return octets.replace(value, b64encode(changed))
