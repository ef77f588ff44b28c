"""What a card signed for something else is no statement: documents, bare signatures, other bridges' requests."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms

from bridge.card.signature import xades
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.card.signature.cades import Signature, SignerIdentity
from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.signatures import certificate
from portal.signatures.signing import StatementRequest
from portal.store import officers
from portal.verification.opening import Content
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import attached, openssl_sign
from tests.unit.portal_world import World, world

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


def _content_alone(content: bytes, _: pki.Card) -> bytes:
    return content


def _base64_of_it(content: bytes, card: pki.Card) -> bytes:
    return base64.b64encode(pki.sign(content, card))


def _counter_signature_beside(content: bytes, card: pki.Card) -> bytes:
    """Two signers where there has to be one."""
    return openssl_sign(
        content, card, pki.Authority().issue(77), options=("-nodetach", "-econtent_type", pki.CONTENT_TYPE)
    )


FORMS: list[Form] = [
    _document,
    _detached,
    _document_that_is_called_a_statement,
    _statement_in_a_documents_attributes,
    _documents_type,
    _bare_signature,
    _bare_signature_without_attributes,
    _signed_digest,
    _authentication_token,
    _xml_signature,
    _xml_file,
    _content_alone,
    _base64_of_it,
    _counter_signature_beside,
]
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


Door = Callable[[World], Awaitable[tuple[StatementRequest, Callable[[bytes], Awaitable[object]]]]]
"""A request for a statement, and where what comes back is handed in."""


async def _login(made: World) -> tuple[StatementRequest, Callable[[bytes], Awaitable[object]]]:
    session = await made.portal.visits.start()
    request = await made.portal.visits.begin_login(session, Purpose.REGISTRATION, "")
    return request, lambda cms: made.portal.visits.finish_login(session, Purpose.REGISTRATION, cms)


async def _registration(made: World) -> tuple[StatementRequest, Callable[[bytes], Awaitable[object]]]:
    session = await made.ready()
    return await made.portal.registrar.begin(session), lambda cms: made.portal.registrar.finish(session, cms)


async def _officers_login(made: World) -> tuple[StatementRequest, Callable[[bytes], Awaitable[object]]]:
    view = certificate.read(made.card.der)
    now = made.time
    await made.store.write(lambda db: officers.add(db, "花子", view.issuer, view.serial, None, "test", now))
    visit = await made.portal.officers.start()
    return await made.portal.officers.begin_login(visit), lambda cms: made.portal.officers.finish_login(visit, cms)


async def _example(made: World) -> tuple[StatementRequest, Callable[[bytes], Awaitable[object]]]:
    return made.portal.trial.request(), made.portal.trial.check


DOORS = [_login, _registration, _officers_login, _example]


@pytest.mark.parametrize("door", DOORS)
async def test_the_same_bytes_as_a_statement_are_accepted(made: World, door: Door) -> None:
    request, hand_in = await door(made)
    assert await hand_in(pki.sign(pki.statement(made.card, request._asdict()), made.card))


@pytest.mark.parametrize("door", DOORS)
async def test_in_no_other_form(made: World, door: Door) -> None:
    for form in FORMS:
        request, hand_in = await door(made)
        await _refused(made, hand_in, form(pki.statement(made.card, request._asdict()), made.card))


@pytest.mark.parametrize("door", DOORS)
async def test_nor_for_anything_else(made: World, door: Door) -> None:
    for replaced in ELSEWHERE:
        request, hand_in = await door(made)
        await _refused(made, hand_in, pki.sign(pki.statement(made.card, request._asdict(), **replaced), made.card))


async def _refused(made: World, hand_in: Callable[[bytes], Awaitable[object]], cms: bytes) -> None:
    stored = await made.count("statements")
    with pytest.raises(Refused) as caught:
        await hand_in(cms)
    assert caught.value.code != "nonce_attempts"  # it is what was signed that is refused
    assert await made.count("statements") == stored


@pytest.mark.parametrize(
    ("given", "taken"),
    [(given, taken) for given in DOORS for taken in DOORS if given is not taken or given in (_login, _officers_login)],
)
async def test_what_one_door_asked_for_no_other_takes(made: World, given: Door, taken: Door) -> None:
    request, _ = await given(made)
    _, hand_in = await taken(made)
    with pytest.raises(Refused):
        await hand_in(pki.sign(pki.statement(made.card, request._asdict()), made.card))


async def test_a_document_that_holds_a_statement_is_told_as_a_document(made: World) -> None:
    """検証機能 says what it is: content of a document, whatever it looks like."""
    request = made.portal.trial.request()
    content = pki.statement(made.card, request._asdict())
    verdict = await made.portal.verification.verify(attached(content, made.card), None, None)
    assert verdict.refusal is None
    assert verdict.signed is not None
    assert isinstance(verdict.signed.content, Content)
