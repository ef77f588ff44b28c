"""Time-stamps in XAdES files: of this signature, alone, and nothing unsigned beside them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from bridge.card.signature.algorithms import Hash
from bridge.formats import signatures
from bridge.formats import xml as making
from bridge.timestamps.judge import Reply
from bridge.timestamps.query import Query
from portal.refusals import Refused
from portal.verification import xml
from tests.time_stamps import Authority
from tests.unit.xades_world import XML, Asked, enveloped, order, signer, xmlsec_accepts

XADES = "{http://uri.etsi.org/01903/v1.3.2#}"


def stamped(folder: Path, value: bytes | None = None) -> Path:
    """With a time-stamp of openssl's, over the signature's own value unless told otherwise."""
    prepared = order(folder, XML)
    prepared = prepared._replace(facts=making.prepare(prepared))
    element = enveloped(prepared, Asked("a.xml"))
    query = Query.new(Hash.SHA256, hashlib.sha256(value or signatures.value_octets(element)).digest()).der()
    token = Reply.load(Authority(folder / "time").reply(query))["time_stamp_token"].dump()
    making.finish(prepared._replace(signature=signatures.stamped(element, token)))
    return prepared.result


def code(path: Path, *, stamps: bool = True) -> str:
    with pytest.raises(Refused) as refusal:
        xml.open_file(path, None, stamps=stamps)
    return refusal.value.code


def test_one_of_this_signature_is_told_and_changes_nothing_of_it(tmp_path: Path) -> None:
    path = stamped(tmp_path)
    stamp = xml.open_file(path, None, stamps=True).stamp
    assert stamp is not None
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(hours=1)
    assert xmlsec_accepts(path, signer("P-256").anchor)
    assert code(path, stamps=False) == "unsigned_parts"


def test_one_of_another_signature_is_refused(tmp_path: Path) -> None:
    assert code(stamped(tmp_path, b"another value")) == "unsigned_parts"


@pytest.mark.parametrize("where", ["UnsignedProperties", "UnsignedSignatureProperties", "SignatureTimeStamp"])
def test_nothing_else_unsigned_stands_beside_it(tmp_path: Path, where: str) -> None:
    path = stamped(tmp_path)
    tree = etree.parse(str(path))
    etree.SubElement(next(tree.iter(f"{XADES}{where}")), f"{XADES}Other")
    tree.write(str(path), encoding="UTF-8")
    assert code(path) == "unsigned_parts"
