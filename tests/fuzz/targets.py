"""What is fuzzed: a function of bytes that may raise its own refusals and nothing else, and what to begin from."""

from __future__ import annotations

import importlib
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from bridge import messages
from bridge.card import apdu
from bridge.card.profiles import file as profile_file
from bridge.card.signature.algorithms import Hash
from bridge.errors import BridgeError
from bridge.timestamps.judge import judge
from bridge.timestamps.query import Query
from portal.refusals import Refused
from portal.revocation import ca_certificates
from portal.revocation.acceptance import Unacceptable
from portal.signatures import certificate, cms, der, namesakes, statement
from portal.signatures.der import DerError
from portal.verification import opening
from tests.fuzz import xml_documents
from tests.time_stamps import Authority
from tests.unit.stamp_forgeries import extensions_twice, forged, refusal

_ROOT = Path(__file__).parents[2]
_VECTORS = _ROOT / "docs" / "vectors"
_PROFILES = _ROOT / "bridge" / "card" / "profiles"


class Target(NamedTuple):
    """`run` raises only what this code must never raise; `seeds` are good files of the kind; `ring` names its file.

    `der`: half of the changes are of whole elements, with lengths that agree again; bits alone seldom get past these.
    """

    ring: str
    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    der: bool = False
    longest: int = 16 * 1024
    """Bytes."""


def _envelopes(data: bytes) -> None:
    """Statements, documents and the certificates in them."""
    try:
        opened = opening.open_file(data, None, der.LARGEST)
        certificate.read(opened.signer)
    except Refused:
        return


def _elements(data: bytes) -> None:
    """The reader by itself: what it takes, it gives back to the last byte."""
    try:
        element = der.read(data)
        parts = der.children(element, element.tag)
    except DerError:
        return
    if element.raw != data or b"".join(part.raw for part in parts) != element.content:
        raise AssertionError("bytes that are nobody's")


def _statements(data: bytes) -> None:
    """The JSON of a statement: what is read writes itself again."""
    try:
        statement.read(data)
    except Refused:
        return
    if statement.canonical(json.loads(data)) != data:
        raise AssertionError("another way to write it was taken")


def _messages(data: bytes) -> None:
    """What a page sends over the WebSocket."""
    try:
        envelope = messages.parse_envelope(data.decode("utf-8", "surrogateescape"))
        messages.parse(envelope.method, envelope.params)
    except BridgeError:
        return


def _cards(data: bytes) -> None:
    """What a card answers: data objects within data objects."""
    waiting, depth = [data], 0
    while waiting and depth < 64:
        depth += 1
        try:
            waiting += [value for tag, value in apdu.parse(waiting.pop()) if tag & 0x20]
        except ValueError:
            return


@cache
def _profile_path() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-")) / "profile.toml"


def _profiles(data: bytes) -> None:
    """A card profile's file."""
    _profile_path().write_bytes(data)
    try:
        profile_file.load(_profile_path())
    except profile_file.ProfileError:
        return


def _pdf_documents(data: bytes) -> None:
    _pdf().documents(data)


def _pdf_signatures(data: bytes) -> None:
    _pdf().signatures(data)


def _pdf() -> ModuleType:
    """Loaded by its own targets alone: watching pyHanko costs seconds."""
    return importlib.import_module("tests.fuzz.pdf_targets")


@cache
def _time_authority() -> Authority:
    return Authority(Path(tempfile.mkdtemp(prefix="fuzz-")) / "time")


_QUERY = Query(Hash.SHA256, bytes(32), 5)


def _time_stamps(data: bytes) -> None:
    """What a time-stamp authority, or somebody on the way, answers."""
    authority = _time_authority()
    try:
        stamp = judge(data, _QUERY, [authority.root.certificate], datetime.now(UTC))
    except BridgeError:
        return
    if _brings_its_own(stamp.token, authority) and not authority.holds(stamp.token, _QUERY.imprint):
        raise AssertionError("a token that openssl does not take")


def _brings_its_own(token: bytes, authority: Authority) -> bool:
    """Certificates that the path has no use for may be of forms that cryptography reads and openssl does not."""
    own = {each.der for each in (authority.stamper, authority.issuing, authority.root)}
    return all(each.dump() in own for each in asn1_cms.ContentInfo.load(token)["content"]["certificates"])


def _ca_certificates(data: bytes) -> None:
    """What an address in a certificate answers: nothing but what the configured CA signed is let in."""
    known = _time_authority()
    try:
        found = ca_certificates.read(data)
    except Unacceptable:
        return
    above = ca_certificates.issuer_of(known.stamper.der, found, datetime.now(UTC))
    root = asn1_x509.Certificate.load(known.root.der)
    if above not in (None, known.issuing.der) and namesakes.issued(cms.load(above), root):
        raise AssertionError("another CA's certificate")


def _ca_certificate_seeds() -> list[bytes]:
    known = _time_authority()
    both = [x509.load_der_x509_certificate(each.der) for each in (known.issuing, known.root)]
    return [known.issuing.der, pkcs7.serialize_certificates(both, Encoding.DER)]


def _time_stamp_seeds() -> list[bytes]:
    authority, asked = _time_authority(), _QUERY.der()
    strange = forged(asked, authority.stamper, (authority.issuing,))
    return [authority.reply(asked), strange, refusal(), *(extensions_twice(strange, each) for each in (0, 1))]


def _files(folder: Path, pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob(pattern))]


def _message_seeds() -> list[bytes]:
    asked = {
        "type": "login",
        "action": "利用者登録",
        "aud": "https://portal.example",
        "nonce": "A" * 43,
        "payload": {"sections": [{"label": "企業情報", "value": [None, True, 1, "x"]}]},
    }
    requests = [
        ("connect", {}),
        ("certificates", {"purpose": "sign", "all": True}),
        ("pin/open", {"certificate": "0" * 64, "action": "利用者登録"}),
        ("pin/close", {"pinSession": "x"}),
        ("sign", {"certificate": "0" * 64, "statement": asked, "keepPinSession": True}),
    ]
    bodies = [{"id": number, "method": method, "params": params} for number, (method, params) in enumerate(requests)]
    return [json.dumps(each, ensure_ascii=False).encode() for each in (*bodies, {"id": 1, "cancel": True})]


def _card_seeds() -> list[bytes]:
    inner = apdu.tlv(0x4F, b"\xa0\x00\x00\x03\x08") + apdu.tlv(0x5F2F, b"\x40\x00")
    return [apdu.tlv(0x61, inner), apdu.tlv(0x7E, inner * 20), apdu.tlv(0x53, apdu.tlv(0x70, b"\x30" * 300))]


TARGETS = {
    "xml": Target("xml", xml_documents.prepared, xml_documents.documents),
    "xades": Target("xml", xml_documents.verified, xml_documents.signatures),
    "envelopes": Target("cms", _envelopes, lambda: _files(_VECTORS, "*.p7m"), der=True),
    "elements": Target("cms", _elements, lambda: _files(_VECTORS, "accepted*.p7m")),
    "statements": Target(
        "cms", _statements, lambda: [cms.read(each).content for each in _files(_VECTORS, "accepted*.p7m")]
    ),
    "messages": Target("inputs", _messages, _message_seeds),
    "cards": Target("inputs", _cards, _card_seeds),
    "profiles": Target("inputs", _profiles, lambda: _files(_PROFILES, "*.toml")),
    "pdf documents": Target("pdf", _pdf_documents, lambda: _pdf().document_seeds()),
    "pdf signatures": Target("pdf", _pdf_signatures, lambda: _pdf().signed_documents(), longest=32 * 1024),
    "ca certificates": Target("answers", _ca_certificates, _ca_certificate_seeds, der=True),
    "timestamps": Target("answers", _time_stamps, _time_stamp_seeds, der=True),
}
