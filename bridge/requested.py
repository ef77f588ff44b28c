"""Documents that a page asks to have signed, in a closed shape (docs/protocol.md, Documents)."""

from __future__ import annotations

import base64
import re
from enum import StrEnum
from typing import Any, NamedTuple

from bridge.errors import BadRequest
from bridge.formats.visible import Visible
from bridge.page_text import seemly

MAX_DOCUMENTS = 500
"""Of one request: one consent, one PIN."""
MAX_NAME = 200
HASHES = {"SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
"""Hexadecimal digits of each."""
_HEX = re.compile(r"[0-9a-f]+")
_KEYS = frozenset({"name", "format", "hash"})
_GIVEN = frozenset({"content", "document", "digest"})
_HANDLE = re.compile(r"[A-Za-z0-9_-]{22,64}")


class Format(StrEnum):
    CADES_DETACHED = "cades-detached"
    CADES_ATTACHED = "cades-attached"
    PADES = "pades"
    XADES = "xades"
    """Enveloped: the signature stands in the XML document."""
    XADES_DETACHED = "xades-detached"
    RAW = "raw"


STAMPED = frozenset(Format) - {Format.RAW}
"""Formats that hold a time-stamp where policy names an authority."""
WITH_TIME = "B-T"
LEVELS = ("B-B", WITH_TIME)
"""What a page wants at least (ETSI EN 319 122-1 §6)."""


class Document(NamedTuple):
    name: str
    format: Format
    hash: str
    given: str
    """`content` (base64), `document` (handle of an upload) or `digest` (hexadecimal)."""
    value: str
    visible: Visible | None = None
    """Where a signature in a PDF is to be seen."""

    def wire(self) -> dict[str, Any]:
        """As the card host is given it, an upload by its handle still (`formats.preparation`)."""
        return {"name": self.name, "format": self.format.value, "hash": self.hash, self.given: self.value}


class SignDocuments(NamedTuple):
    certificate: str
    pin_session: str | None
    keep_pin_session: bool
    action: str
    documents: tuple[Document, ...]
    level: str = LEVELS[0]

    @property
    def kind(self) -> str:
        return "documents"


def parse_level(raw: Any, documents: tuple[Document, ...]) -> str:
    """Raises BadRequest."""
    if raw not in LEVELS:
        raise BadRequest("level must be one of " + ", ".join(LEVELS))
    if raw == WITH_TIME and any(document.format not in STAMPED for document in documents):
        raise BadRequest("a format among the documents holds no time-stamp")
    return str(raw)


def parse_documents(documents: list[Any]) -> tuple[Document, ...]:
    """Raises BadRequest."""
    if not 1 <= len(documents) <= MAX_DOCUMENTS:
        raise BadRequest(f"documents must be 1 to {MAX_DOCUMENTS}")
    return tuple(map(_document, documents))


def _document(raw: Any) -> Document:
    match raw:
        case {"name": str(name), "format": str(format_), **rest} if str(rest.get("hash", "SHA-256")) in HASHES:
            place = Visible.parse(rest.pop("visible")) if "visible" in rest and format_ == Format.PADES else None
            given, *more = set(rest) - _KEYS or {""}
            if given in _GIVEN and not more and isinstance(rest[given], str):
                used, shown = str(rest.get("hash", "SHA-256")), seemly("a document's name", name, MAX_NAME)
                value = _checked(given, str(rest[given]), used)
                return Document(shown, _format(format_, given), used, given, value, place)
    raise BadRequest(
        "a document has exactly name, format, optionally hash (pades: visible), and one of content, document and digest"
    )


def _format(name: str, given: str) -> Format:
    try:
        found = Format(name)
    except ValueError as error:
        raise BadRequest("a document's format is one of " + ", ".join(Format)) from error
    if given == "digest" and found is not Format.RAW:
        raise BadRequest("a digest can be signed by the format raw only")
    return found


def _checked(given: str, value: str, used: str) -> str:
    if given == "digest":
        if len(value) != HASHES[used] or not _HEX.fullmatch(value):
            raise BadRequest("a digest must be lower-case hexadecimal, as long as its hash")
        return value
    if given == "document":
        if not _HANDLE.fullmatch(value):
            raise BadRequest("document is not a handle of this bridge")
        return value
    try:
        base64.b64decode(value, validate=True)
    except ValueError as error:
        raise BadRequest("a document's content must be base64") from error
    return value
