"""A saved file opened: a statement or a signed document whose signature holds. Pure; whom to believe is for trust.py.

A statement's content type opens as a statement or not at all: no other shape may pass for one.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.refusals import Refused
from portal.signatures import cms
from portal.signatures import statement as json_statement
from portal.signatures.statement import Statement
from portal.verification import document, time_stamp
from portal.verification.time_stamp import Stamp


class Kind(StrEnum):
    """What a file is by its first bytes; `cms` is what is neither of the others."""

    CMS = "cms"
    XML = "xml"
    PDF = "pdf"


BEGIN = 64
"""Bytes of a file that tell its kind."""


def kind_of(begin: bytes) -> Kind:
    """XML in UTF-8 or UTF-16; DER begins with none of its bytes."""
    if begin.startswith(b"%PDF-"):
        return Kind.PDF
    text = begin.removeprefix(b"\xef\xbb\xbf").lstrip()
    return Kind.XML if text.startswith((b"<", b"\xff\xfe", b"\xfe\xff")) else Kind.CMS


class Content(NamedTuple):
    """What a document's signature is over: its bytes and type; `detached` when they came in a file of their own."""

    data: bytes
    type: str
    detached: bool


class Within(NamedTuple):
    """All of a document that holds its signature: a PDF or XML file.

    `added`: something was added afterwards that changes nothing of what was signed (PDF: signatures, form fields).
    """

    added: bool = False


class Opened(NamedTuple):
    """A file whose signature holds. `signed_at` is the signer's own clock, None when the file does not say it."""

    signer: bytes
    certificates: tuple[bytes, ...]
    signed_at: datetime | None
    content: Statement | Content | Within
    stamp: Stamp | None = None


class Read(NamedTuple):
    """One signature of a file as it was read; `field`: its name in a PDF, else empty."""

    field: str
    opened: Opened | Refused

    def open(self) -> Opened:
        """Raises Refused: why nothing of it can be relied on."""
        if isinstance(self.opened, Refused):
            raise self.opened
        return self.opened


def open_file(file: bytes, beside: bytes | None, limit: int, *, stamps: bool = False) -> Opened:
    """A file of at most `limit` bytes and the document that was chosen beside it, if any. Raises Refused.

    `stamps`: a time-stamp that is of this signature is taken; otherwise none is.

    Codes: those of cms.read, cms.verify, statement.read, document.read and document.verify; certificate_mismatch,
    document_missing, document_differs.
    """
    if document.content_type(file, limit) == json_statement.CONTENT_TYPE:
        return _statement(file, beside)
    return _document(file, beside, limit, stamps=stamps)


def _statement(file: bytes, beside: bytes | None) -> Opened:
    signed = cms.read(file)
    if signed.attribute_content_type != signed.content_type:  # RFC 5652 §11.1
        raise Refused("content_type", "the attribute names another")
    _compare(signed.content, beside)
    cms.verify(signed)
    statement = json_statement.read(signed.content)
    if not hmac.compare_digest(hashlib.sha256(signed.signer).hexdigest(), statement.certificate_sha256):
        raise Refused("certificate_mismatch", "the statement names another")
    return Opened(signed.signer, signed.certificates, signed.signing_time, statement)


def _document(file: bytes, beside: bytes | None, limit: int, *, stamps: bool) -> Opened:
    signed = document.read(file, limit, stamped=stamps)
    if signed.content is None and beside is None:
        raise Refused("document_missing")
    data = signed.content if signed.content is not None else beside or b""
    _compare(data, beside)
    document.verify(signed, data)
    content = Content(data, signed.content_type, detached=signed.content is None)
    stamp = None if signed.time_stamp is None else time_stamp.read(signed.time_stamp, signed.signature)
    return Opened(signed.signer, signed.certificates, signed.signing_time, content, stamp)


def _compare(content: bytes, beside: bytes | None) -> None:
    """With its content inside, a file says for itself what was signed; a document beside it has to be just that."""
    if beside is not None and beside != content:
        raise Refused("document_differs")
