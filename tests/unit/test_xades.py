"""XAdES-B-B: composed as canonical text, put into a document by the worker's module, verified by xmlsec1."""

from __future__ import annotations

import hashlib
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from bridge.card.signature.algorithms import Hash
from bridge.card.signature.document import Document
from bridge.formats import xml
from bridge.formats.order import Refusal
from bridge.formats.signatures import DECLARATION, stamped, value_octets
from bridge.requested import Format
from tests.unit.xades_world import HASHES, KEYS, XML, Asked, enveloped, made, order, signer, xmlsec_accepts

DS, XADES = "{http://www.w3.org/2000/09/xmldsig#}", "{http://uri.etsi.org/01903/v1.3.2#}"


def signed(folder: Path, content: bytes, asked: Asked) -> Path:
    """Through `prepare`, the card host's code, and `finish`."""
    prepared = order(folder, content, asked.used)
    prepared = prepared._replace(facts=xml.prepare(prepared))
    xml.finish(prepared._replace(signature=enveloped(prepared, asked)))
    return prepared.result


@pytest.mark.parametrize("used", Hash)
@pytest.mark.parametrize("kind", KEYS)
def test_xmlsec_accepts_every_algorithm(tmp_path: Path, kind: str, used: Hash) -> None:
    result = signed(tmp_path, XML, Asked("a.xml", used, kind))
    assert xmlsec_accepts(result, signer(kind).anchor)
    result.write_bytes(result.read_bytes().replace(b"1&amp;2", b"1&amp;3"))
    assert not xmlsec_accepts(result, signer(kind).anchor)


@pytest.mark.parametrize("used", Hash)
def test_pss_has_the_parameters_of_its_identifier(tmp_path: Path, used: Hash) -> None:
    """RFC 9231 §2.3.10. xmlsec1 knows it from 1.3; its canonical forms and digests are tried with the others."""
    tree = etree.parse(str(signed(tmp_path, XML, Asked("a.xml", used, "RSA", pss=True))))
    info = tree.find(f".//{DS}SignedInfo")
    method = info.find(f"{DS}SignatureMethod").get("Algorithm")
    assert method == f"http://www.w3.org/2007/05/xmldsig-more#{used.library_name}-rsa-MGF1"
    value = b64decode(tree.findtext(f".//{DS}SignatureValue"))
    key = signer("RSA").key
    assert isinstance(key, rsa.RSAPrivateKey)
    data = etree.tostring(info, method="c14n", exclusive=True)
    pss = padding.PSS(padding.MGF1(HASHES[used]), used.octets)
    key.public_key().verify(value, data, pss, HASHES[used])


@pytest.mark.parametrize("name", ["図面 1&2.zip", "plain.csv"])
def test_a_detached_signature_names_the_file_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\0\xff content")
    document = Document(name, Format.XADES_DETACHED, Hash.SHA512, path=str(tmp_path / name))
    (tmp_path / "signature.xml").write_bytes(DECLARATION + made(document, Asked(name, Hash.SHA512)))
    tree = etree.parse(str(tmp_path / "signature.xml"))
    (value,) = tree.xpath("//*[local-name()='Reference'][1]/*[local-name()='DigestValue']/text()")
    assert b64decode(value) == hashlib.sha512(b"\0\xff content").digest()
    assert xmlsec_accepts(tmp_path / "signature.xml", signer("P-256").anchor)
    (tmp_path / name).write_bytes(b"\0\xff Content")
    assert not xmlsec_accepts(tmp_path / "signature.xml", signer("P-256").anchor)


DOCUMENTS = {
    "shift-jis": '<?xml version="1.0" encoding="Shift_JIS"?><入札 金額="１">表示</入札>'.encode("shift_jis"),
    "utf-16": '<?xml version="1.0" encoding="UTF-16"?><入札>表</入札>'.encode("utf-16"),
    "empty root": b"<a/>",
    "its own prefixes": b'<ds:a xmlns:ds="urn:other" xmlns:xades="urn:more" ds:Id="x"><xades:b/></ds:a>',
    "CR LF and entities": b'<a x="1&#10;2">\r\n<b>&#13;&lt;&gt;&quot;</b>\r\n</a>\r\n',
    "comments": b"<!-- before --><a><!-- in -->x<!-- y --></a><!-- after -->",
    "instructions": b'<?xml-stylesheet href="a"?><a><?pi x?></a><?end y?>',
    "CDATA": b"<a><![CDATA[<b>&]]></a>",
    "xml attributes": b'<a xml:lang="ja" xml:space="preserve" xml:base="http://x/"> <b xmlns="urn:b"/> </a>',
    "standalone": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a/>',
}


@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_of_every_kind_stay_what_they_are(tmp_path: Path, content: bytes) -> None:
    result = signed(tmp_path, content, Asked("a.xml"))
    assert xmlsec_accepts(result, signer("P-256").anchor)
    tree, before = etree.parse(str(result)), etree.fromstring(content).getroottree()
    assert str(tree.docinfo.encoding).upper() == str(before.docinfo.encoding or "UTF-8").upper()
    tree.getroot().remove(tree.getroot()[-1])
    assert etree.tostring(tree, method="c14n") == etree.tostring(before, method="c14n")


REFUSED = {
    "no XML": (b"%PDF-1.7", "document_malformed"),
    "nothing": (b"", "document_malformed"),
    "bytes of another encoding": (b"<a>\xff</a>", "document_malformed"),
    "half": (b"<a><b></a>", "document_malformed"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="nobody"?><a/>', "document_malformed"),
    "a DTD": (b"<!DOCTYPE a><a/>", "document_refused"),
    "a DTD from elsewhere": (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', "document_refused"),
    "a DTD of this computer": (b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>', "document_refused"),
    "a named DTD": (b'<!DOCTYPE a PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "xhtml1.dtd"><a/>', "document_refused"),
    "an entity": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "document_refused"),
    "a signature": (b'<a><b><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></b></a>', "document_refused"),
    "levels": (b"<a>" * 300 + b"</a>" * 300, "document_malformed"),
}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_signed_enveloped(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        xml.prepare(order(tmp_path, content))
    assert refusal.value.code == code


def test_entities_that_multiply_are_not_followed(tmp_path: Path) -> None:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{lines}]><a b="&e11;">&e11;</a>'
    with pytest.raises(Refusal):
        xml.prepare(order(tmp_path, bomb.encode()))


def test_a_document_that_changed_since_is_not_finished(tmp_path: Path) -> None:
    prepared = order(tmp_path, XML)
    prepared = prepared._replace(facts=xml.prepare(prepared))
    signature = enveloped(prepared, Asked("a.xml"))
    prepared.document.write_bytes(XML.replace(b"1&amp;2", b"1&amp;3"))
    with pytest.raises(Refusal, match="changed"):
        xml.finish(prepared._replace(signature=signature))


def test_what_is_signed_is_canonical_and_stands_in_the_file(tmp_path: Path) -> None:
    """The template's text is what libxml2 makes of it; so nothing else can be signed than what was composed."""
    prepared = order(tmp_path, XML)
    prepared = prepared._replace(facts=xml.prepare(prepared))
    text = enveloped(prepared, Asked("a.xml"))
    signature = etree.fromstring(text)
    info, properties = signature.find(f"{DS}SignedInfo"), signature.find(f".//{XADES}SignedProperties")
    for part in (info, properties):
        assert etree.tostring(part, method="c14n", exclusive=True) in text
    assert not text.startswith(b"1")
    assert b"<ds:SignedInfo" in text


def test_baseline_b_has_what_the_standard_asks_for(tmp_path: Path) -> None:
    """ETSI EN 319 132-1 §6.3, table 2: what shall be there in B-B, once."""
    tree = etree.parse(str(signed(tmp_path, XML, Asked("a.xml"))))
    for name in ("SigningTime", "SigningCertificateV2", "DataObjectFormat", "MimeType", "SignedProperties"):
        assert len(tree.findall(f".//{XADES}{name}")) == 1, name
    (form,) = tree.findall(f".//{XADES}DataObjectFormat")
    references = tree.findall(f".//{DS}Reference")
    assert form.get("ObjectReference") == f"#{references[0].get('Id')}"
    assert references[1].get("Type") == "http://uri.etsi.org/01903#SignedProperties"
    digest = tree.findtext(f".//{XADES}CertDigest/{DS}DigestValue")
    assert b64decode(digest) == hashlib.sha256(signer("P-256").certificate).digest()
    assert tree.find(f".//{XADES}UnsignedProperties") is None


def test_a_time_stamp_is_over_the_canonical_value_and_leaves_the_rest(tmp_path: Path) -> None:
    prepared = order(tmp_path, XML)
    prepared = prepared._replace(facts=xml.prepare(prepared))
    text = enveloped(prepared, Asked("a.xml"))
    xml.finish(prepared._replace(signature=stamped(text, b"token")))
    assert xmlsec_accepts(prepared.result, signer("P-256").anchor)
    tree = etree.parse(str(prepared.result))
    value = tree.find(f".//{DS}SignatureValue")
    assert etree.tostring(value, method="c14n", exclusive=True) == value_octets(text)
    assert tree.findtext(f".//{XADES}EncapsulatedTimeStamp") == "dG9rZW4="
    with pytest.raises(Refusal):
        stamped(b"<a/>", b"token")


def test_openssl_reads_the_same_value(tmp_path: Path) -> None:
    """A third implementation, over libxml2's canonical SignedInfo."""
    tree = etree.parse(str(signed(tmp_path, XML, Asked("a.xml", kind="RSA"))))
    (tmp_path / "info").write_bytes(etree.tostring(tree.find(f".//{DS}SignedInfo"), method="c14n", exclusive=True))
    (tmp_path / "value").write_bytes(b64decode(tree.findtext(f".//{DS}SignatureValue")))
    public = signer("RSA").key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(public)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "value", "info"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
