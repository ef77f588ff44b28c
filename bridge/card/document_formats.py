"""How each format signs a document: what the card is given, and what is made around its signature.

The bytes that are signed are composed here, whatever a page, the daemon or the process that reads XML and PDF says:
CMS attributes of type id-data or a SignedInfo of the template's. Neither can be a statement's attributes.
"""

from __future__ import annotations

import base64
import mimetypes
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from bridge.card.signature import cades, xades
from bridge.card.signature.algorithms import How, SignatureAlgorithm
from bridge.card.signature.document import Measured, pieces
from bridge.card.signature.pdf import ByteRange
from bridge.errors import BadRequest
from bridge.requested import Format

AlgorithmOf = Callable[[How], SignatureAlgorithm]


class Ready(NamedTuple):
    measured: Measured
    digest: bytes
    """What the signature is over, by the document's hash: the document, its canonical form, or its byte range."""


class Form(Protocol):
    """One document's signature."""

    def to_sign(self, algorithm: AlgorithmOf) -> tuple[bytes, How]:
        """What the card is given."""
        ...

    def closed(self, signature: cades.Signature) -> dict[str, Any]:
        """Of the reply: `signature`, or of a long attached one what stands `around` the document."""
        ...


def ready(measured: Measured) -> Ready:
    """Of PDF the byte range is read and hashed here; of XML the digest is believed, since XML is not read here.

    Raises BadRequest, DocumentMalformed for a PDF that is not the measured one with an addition.
    """
    document = measured.document
    if document.prepared is None:
        return Ready(measured, measured.digest)
    if document.format is Format.XADES:
        return Ready(measured, _canonical(document.prepared, document.hash.octets))
    found = ByteRange.parse(document.prepared)
    size, sha256 = measured.size or 0, measured.sha256 or b""
    return Ready(measured, found.digest(pieces(found.path), size, sha256, document.hash))


def _canonical(prepared: dict[str, Any], octets: int) -> bytes:
    match prepared:
        case {"digest": str(digest)} if len(digest) == 2 * octets:
            try:
                return bytes.fromhex(digest)
            except ValueError as error:
                raise BadRequest("a prepared digest is not hexadecimal") from error
    raise BadRequest("a prepared digest is not as long as its hash")


def form(document: Ready, signer: cades.SignerIdentity, moment: datetime) -> Form:
    match document.measured.document.format:
        case Format.RAW:
            return Raw(document)
        case Format.XADES | Format.XADES_DETACHED:
            return Xades(document, signer, moment, f"signature-{secrets.token_hex(16)}")
        case Format.PADES:
            return Cades(document, signer, None)
    return Cades(document, signer, moment)


class Raw(NamedTuple):
    document: Ready

    def to_sign(self, algorithm: AlgorithmOf) -> tuple[bytes, How]:
        return self.document.digest, How(self.document.measured.document.hash, hashed=True)

    def closed(self, signature: cades.Signature) -> dict[str, Any]:
        return {"signature": _base64(signature.value)}


class Cades:
    """Detached or attached, in a file of its own or in a PDF."""

    def __init__(self, document: Ready, signer: cades.SignerIdentity, moment: datetime | None) -> None:
        self._document = document
        self._signer = signer
        self._attributes = cades.attributes_over(document.digest, cades.ID_DATA, signer.certificate, moment)

    def to_sign(self, algorithm: AlgorithmOf) -> tuple[bytes, How]:
        return self._attributes, How(self._document.measured.document.hash)

    def closed(self, signature: cades.Signature) -> dict[str, Any]:
        measured, made = self._document.measured, (cades.ID_DATA, self._attributes, signature, self._signer)
        if measured.document.format is Format.CADES_ATTACHED and measured.attached is None:
            return {"around": [_base64(part) for part in cades.envelope_around(measured.size, *made)]}
        return {"signature": _base64(cades.envelope(measured.attached, *made))}


class Xades:
    """`name`: of the signature, which no document can foresee."""

    def __init__(self, document: Ready, signer: cades.SignerIdentity, moment: datetime, name: str) -> None:
        asked = document.measured.document
        self._signer = signer
        self._moment = moment
        self._name = name
        detached = asked.format is Format.XADES_DETACHED
        named = (asked.name, _mime(asked.name)) if detached else ("", xades.XML)
        self._reference = xades.Reference(document.digest, asked.hash, *named)
        self._signed: xades.Signed | None = None

    def to_sign(self, algorithm: AlgorithmOf) -> tuple[bytes, How]:
        how = How(self._reference.hash)
        signer = self._signer.certificate
        self._signed = xades.signed(self._reference, signer, algorithm(how), self._moment, self._name)
        return self._signed.info, how

    def closed(self, signature: cades.Signature) -> dict[str, Any]:
        if self._signed is None:
            raise RuntimeError("nothing was signed")
        return {"signature": _base64(xades.element(self._signed, signature, self._signer))}


_MIMES = mimetypes.MimeTypes(filenames=())
"""Python's own table: what is signed does not depend on a computer's files."""


def _mime(name: str) -> str:
    found, encoding = _MIMES.guess_type(name)
    return found if found and not encoding else "application/octet-stream"


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
