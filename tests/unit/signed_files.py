"""Signed PDF, XML and CMS files of the small PKI's cards, made by the bridge's own parts."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from bridge.card.signature import cades
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.card.signature.document import Document
from bridge.formats import xml as making
from bridge.requested import Format
from tests.unit import pdf_world, portal_pki, xades_world
from tests.unit.portal_pki import Card
from tests.unit.xades_world import Asked, Signer


def xml(folder: Path, card: Card, content: bytes = xades_world.XML) -> bytes:
    """An XML document with its XAdES signature inside."""
    prepared = xades_world.order(folder, content)
    prepared.result.unlink(missing_ok=True)
    prepared = prepared._replace(facts=making.prepare(prepared))
    making.finish(prepared._replace(signature=xades_world.enveloped(prepared, _asked(card), _signer(card))))
    return prepared.result.read_bytes()


def xml_beside(folder: Path, card: Card, content: bytes) -> bytes:
    """A XAdES signature as a file beside its document."""
    (folder / "beside").write_bytes(content)
    document = Document("内訳書.pdf", Format.XADES_DETACHED, Hash.SHA256, path=str(folder / "beside"))
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + xades_world.made(document, _asked(card), _signer(card))


def pdf(text: str, card: Card) -> bytes:
    """A page with this line of ASCII, signed inside."""
    with tempfile.TemporaryDirectory() as folder:
        return pdf_world.signed(Path(folder), pdf_world.document(text), signer=card)


def stamped_cms(content: bytes, card: Card, desk: Card, stamped_value: bytes | None = None) -> bytes:
    """An attached CAdES-B-T; `stamped_value`: what the time-stamp is over, if not the signature's value."""
    digest = hashlib.sha256(content).digest()
    attributes = cades.attributes_over(digest, cades.ID_DATA, card.der, portal_pki.NOW)
    value = portal_pki.signature(card.key, attributes)
    kind = SignatureAlgorithm.ECDSA if _is_curve(card) else SignatureAlgorithm.RSA_PKCS1
    made = cades.Signature(value, kind, Hash.SHA256)
    identity = cades.SignerIdentity(card.der, ())
    cms = cades.envelope(content, cades.ID_DATA, attributes, made, identity)
    return pdf_world.stamped(cms, stamped_value or value, desk)


def _signer(card: Card) -> Signer:
    return Signer(card.key, card.der, Path())


def _asked(card: Card) -> Asked:
    return Asked("入札.xml", kind="P-256" if _is_curve(card) else "RSA")


def _is_curve(card: Card) -> bool:
    return hasattr(card.key, "curve")
