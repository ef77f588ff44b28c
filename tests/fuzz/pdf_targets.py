"""The fuzzed readers of PDF: what prepares a document to be signed, and what judges a signed one."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives.serialization import Encoding

from bridge.formats import pdf
from bridge.formats import pdf_update as pdf_update  # what `pdf` loads later is loaded here, where it is watched
from bridge.formats.order import Command, Order, Refusal
from bridge.formats.visible import Visible
from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures.trust import Trust
from portal.verification import pdf as pdf_reading
from portal.verification.opening import Within
from portal.verification.verdicts import judge_pdf
from tests.unit import pdf_world, portal_pki

_ROOM = 1536
"""Bytes: a CMS of these signers has 1,000 (P-256) to 1,400 (RSA)."""


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-pdf-"))


def documents(data: bytes) -> None:
    """What a page sends to be signed as PDF: what is prepared begins with it, and has the room that it says."""
    document, prepared = _folder() / "document", _folder() / "prepared"
    document.write_bytes(data)
    prepared.unlink(missing_ok=True)
    place = Visible(1, (20, 20, 120, 60), "甲 A").facts() if len(data) % 2 else {}
    try:
        facts = pdf.prepare(Order(Command.PREPARE, "pades", "SHA-256", document, prepared, prepared, place))
    except Refusal:
        return
    made, (_, start, end, rest) = prepared.read_bytes(), facts["range"]
    room = made[start:end].replace(b"0", b"")
    if not made.startswith(data) or start <= len(data) or end + rest != len(made) or room != b"<>":
        raise AssertionError("another file was prepared")


@cache
def _trust() -> Trust:
    anchors = _folder() / "anchors"
    anchors.mkdir()
    (anchors / "ca.pem").write_bytes(pdf_world.authority().certificate.public_bytes(Encoding.PEM))
    (_folder() / "ca.crl").write_bytes(pdf_world.authority().crl())
    return Trust(TrustFolders(anchors, _folder() / "none", _folder(), _folder() / "none"))


def signatures(data: bytes) -> None:
    """What somebody has verified as PDF: a signature that covers it all is valid over nothing but what was signed."""
    file = _folder() / "judged"
    file.write_bytes(data)
    try:
        judged = judge_pdf(pdf_reading.open_file(file, portal_pki.NOW), portal_pki.NOW, _trust(), None).marks
    except Refused:
        return
    signed = [each.signed.content for each in judged if each.signed is not None and each.refusal is None]
    whole = [each for each in signed if isinstance(each, Within) and not each.added]
    if whole and data not in signed_documents():
        raise AssertionError("a document that nobody signed")


@cache
def signed_documents() -> list[bytes]:
    """Signed in a room of its need: pyHanko reads its digits one by one, and zeros would be most of the time."""
    with patch.object(pdf_update, "ROOM", _ROOM):
        once = pdf_world.signed(_folder(), pdf_world.document(stream_xrefs=False))
        return [once, pdf_world.signed(_folder(), pdf_world.document(), "p256")]


def document_seeds() -> list[bytes]:
    return [pdf_world.document(), pdf_world.document(stream_xrefs=False, rotate=90), pdf_world.hybrid()]
