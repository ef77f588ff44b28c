"""XAdES files judged: what the bridge and another program signed, and what must not pass for it."""

from __future__ import annotations

import hashlib
import random
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from bridge.card.signature.algorithms import Hash
from bridge.card.signature.document import Document
from bridge.formats import xml as making
from bridge.formats.signatures import DECLARATION
from bridge.requested import Format
from portal.refusals import Refused
from portal.verification import xml
from portal.verification.opening import Content, Opened
from tests.unit.xades_world import KEYS, NOW, XML, Asked, enveloped, made, order, signer

DS = "{http://www.w3.org/2000/09/xmldsig#}"


def signed(folder: Path, asked: Asked, content: bytes = XML) -> Path:
    prepared = order(folder, content, asked.used)
    prepared = prepared._replace(facts=making.prepare(prepared))
    making.finish(prepared._replace(signature=enveloped(prepared, asked)))
    return prepared.result


def code(path: Path, beside: bytes | None = None) -> str:
    with pytest.raises(Refused) as refusal:
        xml.open_file(path, beside)
    return refusal.value.code


def content(opened: Opened) -> Content:
    assert isinstance(opened.content, Content)
    return opened.content


@pytest.mark.parametrize("used", Hash)
@pytest.mark.parametrize("kind", [*KEYS, "PSS"])
def test_what_the_bridge_signs_is_read(tmp_path: Path, kind: str, used: Hash) -> None:
    asked = Asked("a.xml", used, "RSA" if kind == "PSS" else kind, pss=kind == "PSS")
    opened = xml.open_file(signed(tmp_path, asked), None)
    assert (opened.signer, opened.signed_at) == (signer(asked.kind).certificate, NOW)
    assert not content(opened).detached
    assert content(opened).data == etree.tostring(etree.fromstring(XML).getroottree(), method="c14n", exclusive=True)


def test_a_detached_one_wants_its_document(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"content")
    document = Document("a.csv", Format.XADES_DETACHED, Hash.SHA384, path=str(tmp_path / "a.csv"))
    path = tmp_path / "a.xades"
    path.write_bytes(DECLARATION + made(document, Asked("a.csv", Hash.SHA384)))
    opened = content(xml.open_file(path, b"content"))
    assert (opened.data, opened.detached, opened.type) == (b"content", True, "text/csv")
    assert code(path) == "document_missing"
    assert code(path, b"Content") == "digest_mismatch"


def test_a_document_beside_one_that_holds_it_is_no_question(tmp_path: Path) -> None:
    assert code(signed(tmp_path, Asked("a.xml")), XML) == "document_differs"


Change = Callable[[Any], object]


def _tag(name: str) -> Callable[[Any], Any]:
    return lambda root: next(root.iter(f"{{*}}{name}"))


def _moved(root: Any) -> None:
    """Signature wrapping: the signed document below another root, the signature where it was looked for."""
    signature = root[-1]
    inner = etree.fromstring(XML)
    root.insert(0, inner)
    root.append(signature)


def _another_object(root: Any) -> None:
    etree.SubElement(_tag("Signature")(root), f"{DS}Object").text = "unsigned"


def _unsigned_property(root: Any) -> None:
    qualifying = _tag("QualifyingProperties")(root)
    etree.SubElement(qualifying, "{http://uri.etsi.org/01903/v1.3.2#}UnsignedProperties")


def _second_signature(root: Any) -> None:
    root.append(etree.fromstring(etree.tostring(root[-1])))


CHANGES: dict[str, tuple[Change, str]] = {
    "the document": (lambda root: root.set("a", "2"), "digest_mismatch"),
    "the time": (lambda root: setattr(_tag("SigningTime")(root), "text", "2020-01-01T00:00:00Z"), "digest_mismatch"),
    "a comment in the time": (lambda root: _tag("SigningTime")(root).append(etree.Comment("x")), "xml_malformed"),
    "the value": (
        lambda root: setattr(_tag("SignatureValue")(root), "text", b64encode(bytes(64))),
        "signature_invalid",
    ),
    "a short value": (lambda root: setattr(_tag("SignatureValue")(root), "text", "AA=="), "signature_invalid"),
    "no base64": (lambda root: setattr(_tag("SignatureValue")(root), "text", "A"), "xml_malformed"),
    "a moved document": (_moved, "digest_mismatch"),
    "another object": (_another_object, "xml_malformed"),
    "unsigned properties": (_unsigned_property, "unsigned_parts"),
    "text between": (lambda root: setattr(_tag("KeyInfo")(root), "tail", "unsigned"), "unsigned_parts"),
    "a comment in it": (lambda root: root[-1].append(etree.Comment("unsigned")), "xml_malformed"),
    "an attribute": (lambda root: _tag("KeyInfo")(root).set("x", "unsigned"), "unsigned_parts"),
    "two signatures": (_second_signature, "several_signers"),
    "no signature": (lambda root: root.remove(root[-1]), "xml_unsigned"),
    "SHA-1": (
        lambda root: _tag("SignatureMethod")(root).set("Algorithm", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        "algorithm_refused",
    ),
    "an HMAC": (
        lambda root: _tag("SignatureMethod")(root).set(
            "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
        ),
        "algorithm_refused",
    ),
    "another transform": (
        lambda root: _tag("Transform")(root).set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        "signature_invalid",
    ),
    "another reference": (
        lambda root: _tag("Reference")(root).set("URI", "http://127.0.0.1/"),
        "signature_invalid",
    ),
    "no certificates": (lambda root: _tag("KeyInfo")(root).remove(_tag("X509Data")(root)), "xml_malformed"),
    "another certificate": (
        lambda root: setattr(_tag("X509Certificate")(root), "text", b64encode(signer("RSA").certificate)),
        "signing_certificate_mismatch",
    ),
    "no signing certificate": (
        lambda root: _tag("SignedSignatureProperties")(root).remove(_tag("SigningCertificateV2")(root)),
        "attribute_missing",
    ),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_each_change_is_refused(tmp_path: Path, change: Change, expected: str) -> None:
    path = signed(tmp_path, Asked("a.xml"))
    tree = etree.parse(str(path))
    change(tree.getroot())
    tree.write(str(path), encoding="UTF-8")
    assert code(path) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"<a", "xml_malformed"),
        (b"<!DOCTYPE a><a/>", "xml_malformed"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>', "xml_malformed"),
        (b"<a/>", "xml_unsigned"),
        (b'<a><b><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></b></a>', "xml_malformed"),
        (b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>', "xml_malformed"),
    ],
)
def test_other_files(tmp_path: Path, raw: bytes, expected: str) -> None:
    (tmp_path / "a.xml").write_bytes(raw)
    assert code(tmp_path / "a.xml") == expected


def test_no_changed_byte_changes_what_is_read(tmp_path: Path) -> None:
    """What is accepted is the same in its canonical form: XML can be written in many ways, one document cannot."""
    path = signed(tmp_path, Asked("a.xml"))
    file, dice = path.read_bytes(), random.Random(7)
    same = _canonical(file)
    for _ in range(400):
        mutated = bytearray(file)
        mutated[dice.randrange(len(file))] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(mutated))
        try:
            xml.open_file(path, None)
        except Refused:
            continue
        assert _canonical(bytes(mutated)) == same


def _canonical(file: bytes) -> bytes:
    """White space in base64, and the value's own name, which the standard leaves to whoever writes it, left out."""
    tree = etree.fromstring(file).getroottree()
    for value in tree.iter(f"{DS}SignatureValue"):
        value.attrib.pop("Id", None)
    for element in tree.iter(f"{DS}SignatureValue", f"{DS}X509Certificate"):
        element.text = "".join((element.text or "").split())
    return bytes(etree.tostring(tree, method="c14n", exclusive=True, with_comments=False))


TEMPLATE = """<?xml version="1.0"?>
<list><item>1</item>
<Signature xmlns="http://www.w3.org/2000/09/xmldsig#" Id="s">
 <SignedInfo>
  <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
  <SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"/>
  <Reference Id="r" URI=""><Transforms>
   <Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
   <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>
   <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/><DigestValue/></Reference>
  <Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#p"><Transforms>
   <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>
   <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>
 </SignedInfo>
 <SignatureValue/>
 <KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>
 <Object><x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#s"><x:SignedProperties Id="p">
  <x:SignedSignatureProperties><x:SigningTime>2026-12-01T10:00:00+09:00</x:SigningTime>
   <x:SigningCertificateV2><x:Cert><x:CertDigest>
    <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>{digest}</DigestValue>
   </x:CertDigest></x:Cert></x:SigningCertificateV2></x:SignedSignatureProperties>
  <x:SignedDataObjectProperties><x:DataObjectFormat ObjectReference="#r"><x:MimeType>text/xml</x:MimeType>
  </x:DataObjectFormat></x:SignedDataObjectProperties>
 </x:SignedProperties></x:QualifyingProperties></Object>
</Signature> tail</list>
"""


def by_xmlsec(folder: Path, *replaced: tuple[str, str]) -> Path:
    by = signer("RSA")
    digest = b64encode(hashlib.sha256(by.certificate).digest()).decode()
    text = TEMPLATE.format(certificate=b64encode(by.certificate).decode(), digest=digest)
    for before, after in replaced:
        assert before in text
        text = text.replace(before, after, 1)
    (folder / "template.xml").write_text(text, encoding="utf-8")
    key = by.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / "key.pem").write_bytes(key)
    properties = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"
    command = ["xmlsec1", "--sign", "--privkey-pem", "key.pem", "--id-attr:Id", properties, "--output", "signed.xml"]
    subprocess.run([*command, "template.xml"], cwd=folder, capture_output=True, check=True)
    return folder / "signed.xml"


def test_what_xmlsec_signs_in_another_layout_is_read(tmp_path: Path) -> None:
    path = by_xmlsec(tmp_path)
    opened = xml.open_file(path, None)
    assert (opened.signer, content(opened).data) == (signer("RSA").certificate, b"<list><item>1</item>\n tail</list>")
    path.write_bytes(path.read_bytes().replace(b" tail<", b" tale<"))
    assert code(path) == "digest_mismatch"


_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_OTHER = f'<Transform Algorithm="{_INCLUSIVE}"'
GOOD_BUT_NOT_TAKEN: dict[str, tuple[tuple[str, str], str]] = {
    "inclusive SignedInfo": (('"http://www.w3.org/2001/10/xml-exc-c14n#"', f'"{_INCLUSIVE}"'), "algorithm_refused"),
    "inclusive document": (
        ('signature"/>\n   <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"', f'signature"/>{_OTHER}'),
        "xml_malformed",
    ),
    "a part of the document": (('<Reference Id="r" URI=""', '<Reference Id="r" URI="#p"'), "xml_malformed"),
    "another Target": (('Target="#s"', 'Target="#t"'), "xml_malformed"),
    "a format of nothing": (('ObjectReference="#r"', 'ObjectReference="#q"'), "xml_malformed"),
    "no type": ((' Type="http://uri.etsi.org/01903#SignedProperties"', ""), "xml_malformed"),
    "no time zone": (("+09:00", ""), "xml_malformed"),
    "two times": (
        ("<x:SigningTime>", "<x:SigningTime>2026-12-01T10:00:00Z</x:SigningTime><x:SigningTime>"),
        "attribute_repeated",
    ),
    "no MIME type": (("<x:MimeType>text/xml</x:MimeType>", ""), "attribute_missing"),
    "SHA-1": (
        ('"http://www.w3.org/2001/04/xmlenc#sha512"', '"http://www.w3.org/2000/09/xmldsig#sha1"'),
        "algorithm_refused",
    ),
}


@pytest.mark.parametrize(("replaced", "expected"), GOOD_BUT_NOT_TAKEN.values(), ids=GOOD_BUT_NOT_TAKEN)
def test_what_another_program_signs_otherwise_is_refused(
    tmp_path: Path, replaced: tuple[str, str], expected: str
) -> None:
    """Its signature is good: it is refused for what it is over."""
    assert code(by_xmlsec(tmp_path, replaced)) == expected
