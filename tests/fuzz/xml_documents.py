"""XML that is to be signed, and XML that says it is: refused, or signed as what it was."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from bridge.card.signature import xades
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.card.signature.cades import Signature, SignerIdentity
from bridge.formats import xml as making
from bridge.formats.order import Command, Order, Refusal
from portal.refusals import Refused
from portal.verification import xml as verifying
from tests.unit.test_xades import DOCUMENTS
from tests.unit.xades_world import NOW, Asked, enveloped, order, signer

_SIGNER = SignerIdentity(b"certificate", ())


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def prepared(data: bytes) -> None:
    """What can be prepared can be finished, or is refused; what comes of it is never taken for a good signature."""
    asked = order(_folder(), data)
    try:
        asked = asked._replace(command=Command.FINISH, facts=making.prepare(asked))
        making.finish(asked._replace(signature=_signature(asked)))
    except Refusal:
        return
    _refused(asked.result)


def verified(data: bytes) -> None:
    """The verifier refuses by its own word; a good signature is one of the seed's document."""
    path = _folder() / "signed.xml"
    path.write_bytes(data)
    try:
        opened = verifying.open_file(path, None)
    except Refused:
        return
    if opened.signer != signer("P-256").certificate:
        raise AssertionError("somebody else's signature")


def documents() -> list[bytes]:
    return list(DOCUMENTS.values())


def signatures() -> list[bytes]:
    return [_signed(content) for content in DOCUMENTS.values()]


def _signed(content: bytes) -> bytes:
    asked = order(_folder(), content)
    asked = asked._replace(facts=making.prepare(asked))
    making.finish(asked._replace(signature=enveloped(asked, Asked("a.xml"))))
    return asked.result.read_bytes()


def _signature(asked: Order) -> bytes:
    digest = bytes.fromhex(asked.facts["digest"])
    reference = xades.Reference(digest, Hash.SHA256, "")
    signed = xades.signed(reference, _SIGNER.certificate, SignatureAlgorithm.RSA_PKCS1, NOW, "signature-0")
    return xades.element(signed, Signature(b"value", SignatureAlgorithm.RSA_PKCS1), _SIGNER)


def _refused(path: Path) -> None:
    try:
        verifying.open_file(path, None)
    except Refused:
        return
    raise AssertionError("a signature of nobody's is good")
