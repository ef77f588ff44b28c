"""What the card is given for a document, whatever the process that reads documents says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bridge.card.document_formats import form, ready
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.card.signature.document import Document, is_like_attributes, measure
from bridge.card.signature.statement import CONTENT_TYPE
from bridge.errors import BadRequest
from bridge.requested import Format
from tests.unit.xades_world import NOW, signer

DATA = "1.2.840.113549.1.7.1"
USED = st.sampled_from(Hash)


def to_sign(document: Document) -> bytes:
    made = form(ready(measure(document)), signer("P-256").identity, NOW)
    return made.to_sign(lambda _: SignatureAlgorithm.ECDSA)[0]


@given(st.binary(min_size=64, max_size=64), USED, st.text(max_size=40))
def test_of_xml_a_signed_info_of_ours(octets: bytes, used: Hash, name: str) -> None:
    """The digest and the name are all that comes from elsewhere, and neither can be markup."""
    content = __file__
    for kind, prepared in ((Format.XADES, {"digest": octets[: used.octets].hex()}), (Format.XADES_DETACHED, None)):
        data = to_sign(Document(name or "a", kind, used, path=content, prepared=prepared))
        assert not is_like_attributes(data[:16], len(data))
        info = etree.fromstring(data)
        assert etree.tostring(info, method="c14n", exclusive=True) == data
        assert [etree.QName(each).localname for each in info] == [
            *("CanonicalizationMethod", "SignatureMethod", "Reference", "Reference")
        ]


def test_of_pdf_attributes_of_a_document_without_a_time(tmp_path: Path) -> None:
    """ETSI EN 319 142-1 §6.3; a statement's content type cannot come of it."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "prepared").write_bytes(b"%PDF more <00> end")
    prepared = {"path": str(tmp_path / "prepared"), "range": [0, 10, 14, 4]}
    document = Document("a.pdf", Format.PADES, Hash.SHA256, path=str(tmp_path / "a.pdf"), prepared=prepared)
    attributes = asn1_cms.CMSAttributes.load(to_sign(document), strict=True)
    found = {each["type"].native: each["values"][0] for each in attributes}
    assert set(found) == {"content_type", "message_digest", "signing_certificate_v2"}
    assert found["content_type"].dotted == DATA != CONTENT_TYPE


@pytest.mark.parametrize("digest", ["", "00" * 31, "00" * 33, "zz" * 32, "<" * 64, 1, None])
def test_a_digest_is_a_digest(digest: object) -> None:
    document = Document("a", Format.XADES, Hash.SHA256, path=__file__, prepared={"digest": digest})
    with pytest.raises(BadRequest):
        to_sign(document)


@pytest.mark.parametrize("kind", [Format.XADES, Format.PADES])
def test_what_nothing_prepared_is_not_signed(kind: Format) -> None:
    wire = {"name": "a", "format": kind.value, "hash": "SHA-256"}
    for given_ in ({"path": "/a"}, {"content": ""}, {"digest": "00" * 32}, {"path": "/a", "prepared": 1}):
        with pytest.raises(BadRequest):
            Document.parse({**wire, **given_})
