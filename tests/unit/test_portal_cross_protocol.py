"""What a card signed for something else is no statement: documents, bare signatures, other bridges' requests."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms

from bridge import messages
from bridge.card.signature import xades
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.card.signature.cades import Signature, SignerIdentity
from bridge.requested import Format
from portal.refusals import Refused
from portal.verification.opening import Content
from tests.unit import portal_pki as pki
from tests.unit import signed_files
from tests.unit.portal_documents import attached, openssl_sign
from tests.unit.portal_world import World, world
from tests.unit.statement_doors import DOORS, LOGINS, Door

ROOT = Path(__file__).parents[2]
DATA = "1.2.840.113549.1.7.1"
Form = Callable[[bytes, pki.Card], bytes]
"""What a card makes of bytes that, signed as a statement, would be accepted."""


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def _document(content: bytes, card: pki.Card) -> bytes:
    return attached(content, card)


def _detached(content: bytes, card: pki.Card) -> bytes:
    return openssl_sign(content, card)


def _document_that_is_called_a_statement(content: bytes, card: pki.Card) -> bytes:
    """The signed attribute still says what it is."""
    return _edit(attached(content, card), _call_it_a_statement)


def _statement_in_a_documents_attributes(content: bytes, card: pki.Card) -> bytes:
    """Everything of the statement's shape, the signed content type alone a document's."""
    return pki.sign(content, card, attributes=pki.signed_attributes(content, card, DATA))


def _documents_type(content: bytes, card: pki.Card) -> bytes:
    return pki.sign(content, card, content_type=DATA)


def _bare_signature(content: bytes, card: pki.Card) -> bytes:
    """A signature over the bytes themselves, as a `raw` one is, where the attributes' would be."""
    return _signature(pki.sign(content, card), pki.signature(card.key, content))


def _bare_signature_without_attributes(content: bytes, card: pki.Card) -> bytes:
    """RFC 5652 §5.4: without signed attributes the signature is over the content."""
    return _edit(_bare_signature(content, card), lambda data: data["signer_infos"][0].__delitem__("signed_attrs"))


def _signed_digest(content: bytes, card: pki.Card) -> bytes:
    """A signature over the content's digest taken for a document's bytes."""
    return _signature(pki.sign(content, card), pki.signature(card.key, hashlib.sha256(content).digest()))


def _authentication_token(content: bytes, card: pki.Card) -> bytes:
    """Web eID 1.0: a signature over SHA-256(origin) ‖ SHA-256(nonce)."""
    nonce = str(json.loads(content)["nonce"])
    token = hashlib.sha256(pki.ORIGIN.encode()).digest() + hashlib.sha256(nonce.encode()).digest()
    return _signature(pki.sign(content, card), pki.signature(card.key, token))


def _signed_info(content: bytes, card: pki.Card) -> xades.Signed:
    """XAdES, detached, over the same bytes: what the bridge has a card sign for such a document."""
    reference = xades.Reference(hashlib.sha256(content).digest(), Hash.SHA256, "statement.json", "application/json")
    return xades.signed(reference, card.der, SignatureAlgorithm.RSA_PKCS1, pki.NOW, "signature-1")


def _xml_signature(content: bytes, card: pki.Card) -> bytes:
    """A SignedInfo's signature where the attributes' would be."""
    return _signature(pki.sign(content, card), pki.signature(card.key, _signed_info(content, card).info))


def _xml_file(content: bytes, card: pki.Card) -> bytes:
    made = _signed_info(content, card)
    signed = Signature(pki.signature(card.key, made.info), SignatureAlgorithm.RSA_PKCS1)
    return xades.element(made, signed, SignerIdentity(card.der, ()))


def _xml_enveloped(content: bytes, card: pki.Card) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return signed_files.xml(Path(folder), card, b"<a>" + base64.b64encode(content) + b"</a>")


def _stamped_document(content: bytes, card: pki.Card) -> bytes:
    return _in_a_thread(signed_files.stamped_cms, content, card, card)


def _time_stamp_token(content: bytes, card: pki.Card) -> bytes:
    """A token over the content, of a card that stamps time."""
    stamped = asn1_cms.ContentInfo.load(_stamped_document(content, card))
    found: bytes = stamped["content"]["signer_infos"][0]["unsigned_attrs"][0]["values"][0].dump()
    return found


_PDFS: dict[str, bytes] = {}


def _pdf_file(_: bytes, card: pki.Card) -> bytes:
    """What is signed in a PDF is the file itself: a statement in its text is covered like any other text."""
    if card.sha256 not in _PDFS:
        _PDFS[card.sha256] = _in_a_thread(signed_files.pdf, "text", card)
    return _PDFS[card.sha256]


def _pdf_signature(content: bytes, card: pki.Card) -> bytes:
    """The CMS out of such a PDF, the statement put in as its content."""
    file = _pdf_file(content, card)
    start = file.rindex(b"<3082") + 1
    cms = bytes.fromhex(file[start : file.index(b">", start)].decode())
    return _edit(asn1_cms.ContentInfo.load(cms).dump(), lambda data: _filled(data, content))


def _filled(data: Any, content: bytes) -> None:
    data["version"] = "v3"
    data["encap_content_info"] = {"content_type": pki.CONTENT_TYPE, "content": content}


def _in_a_thread(make: Callable[..., bytes], *arguments: Any) -> bytes:
    """pyHanko brings an event loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(make, *arguments).result()


def _content_alone(content: bytes, _: pki.Card) -> bytes:
    return content


def _base64_of_it(content: bytes, card: pki.Card) -> bytes:
    return base64.b64encode(pki.sign(content, card))


def _counter_signature_beside(content: bytes, card: pki.Card) -> bytes:
    """Two signers where there has to be one."""
    return openssl_sign(
        content, card, pki.Authority().issue(77), options=("-nodetach", "-econtent_type", pki.CONTENT_TYPE)
    )


# What a card signs through the bridge, by format: each is handed in as it is and in a statement's clothes.
OURS: dict[Format, tuple[Form, ...]] = {
    Format.CADES_ATTACHED: (_document, _document_that_is_called_a_statement, _stamped_document),
    Format.CADES_DETACHED: (_detached, _statement_in_a_documents_attributes),
    Format.PADES: (_pdf_file, _pdf_signature),
    Format.XADES: (_xml_enveloped,),
    Format.XADES_DETACHED: (_xml_file, _xml_signature),
    Format.RAW: (_bare_signature, _bare_signature_without_attributes, _signed_digest),
}
# What other programs and bridges have cards sign, and what is not a signature at all.
OTHERS: tuple[Form, ...] = (
    *(_documents_type, _authentication_token, _time_stamp_token, _counter_signature_beside),
    *(_content_alone, _base64_of_it),
)
FORMS: list[Form] = [*itertools.chain.from_iterable(OURS.values()), *OTHERS]
# Requests that another site or another bridge's person agreed to, in the right shape.
ELSEWHERE: list[dict[str, Any]] = [
    {"origin": "https://other.example"},
    {"aud": "https://other.example"},
    {"origin": pki.ORIGIN + "/"},
    {"origin": pki.ORIGIN.upper()},
    {"type": "authenticate"},
    {"action": "別の操作"},
    {"v": 2},
    {"v": True},
    {"cert": {"sha256": "0" * 64}},
    {"payload": {"sections": []}},
    {"extra": 1},
]


def _edit(cms: bytes, change: Callable[[Any], object]) -> bytes:
    info = asn1_cms.ContentInfo.load(cms)
    change(info["content"])
    return bytes(info.dump(force=True))


def _call_it_a_statement(data: Any) -> None:
    data["version"] = "v3"
    data["encap_content_info"]["content_type"] = pki.CONTENT_TYPE


def _signature(cms: bytes, value: bytes) -> bytes:
    def change(data: Any) -> None:
        data["signer_infos"][0]["signature"] = value

    return _edit(cms, change)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
async def test_the_same_bytes_as_a_statement_are_accepted(made: World, door: Door) -> None:
    request, hand_in, card = await door(made)
    assert await hand_in(pki.sign(pki.statement(card, request._asdict()), card)) is not False


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
async def test_in_no_other_form(made: World, door: Door) -> None:
    for form in FORMS:
        request, hand_in, card = await door(made)
        await _refused(made, hand_in, form(pki.statement(card, request._asdict()), card))


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
async def test_nor_for_anything_else(made: World, door: Door) -> None:
    for replaced in ELSEWHERE:
        request, hand_in, card = await door(made)
        await _refused(made, hand_in, pki.sign(pki.statement(card, request._asdict(), **replaced), card))


async def _refused(made: World, hand_in: Callable[[bytes], Awaitable[object]], cms: bytes) -> None:
    stored = await made.count("statements")
    with pytest.raises(Refused) as caught:
        await hand_in(cms)
    assert caught.value.code != "nonce_attempts"  # it is what was signed that is refused
    assert await made.count("statements") == stored


@pytest.mark.parametrize(
    ("given", "taken"),
    [(given, taken) for given in DOORS.values() for taken in DOORS.values() if given is not taken or given in LOGINS],
)
async def test_what_one_door_asked_for_no_other_takes(made: World, given: Door, taken: Door) -> None:
    request, _, card = await given(made)
    _, hand_in, _ = await taken(made)
    await _refused(made, hand_in, pki.sign(pki.statement(card, request._asdict()), card))


def test_every_format_of_the_bridge_is_tried() -> None:
    assert set(OURS) == set(Format)
    assert all(OURS.values())


def test_every_method_that_makes_a_card_sign_is_tried() -> None:
    """Through each door of the bridge alike: what comes of a method does not depend on the way it was called by."""
    signs_nothing = {"connect", "readers", "certificates", "pin/open", "pin/close", "diagnose"}
    assert set(messages.METHODS) - signs_nothing == {"sign"}  # its statements: DOORS; its documents: OURS


def test_every_door_of_the_portal_is_tried() -> None:
    """A module that takes a statement calls the ladder, or one of the three ways to it."""
    ways = re.compile(r"_signing\.(check|once|settle)\(|ladder\.open_statement\(")
    takes = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "portal").rglob("*.py")
        if ways.search(path.read_text(encoding="utf-8"))
    }
    assert takes - {"portal/signatures/signing.py"} == set(DOORS)


async def test_a_document_that_holds_a_statement_is_told_as_a_document(made: World) -> None:
    """検証機能 says what it is: content of a document, whatever it looks like."""
    request = made.portal.trial.request()
    content = pki.statement(made.card, request._asdict())
    verdict = await made.portal.verification.verify(attached(content, made.card), None, None)
    assert verdict.refusal is None
    assert verdict.signed is not None
    assert isinstance(verdict.signed.content, Content)
