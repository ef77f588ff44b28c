"""Documents that are about to be signed: measured once, shown by that measure, and signed by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bridge.card.cards import Found, Now
from bridge.card.document_formats import Ready, form, ready
from bridge.card.safety.login import Login
from bridge.card.signature import cades
from bridge.card.signature.document import MAX_ATTACHED, Document, measure
from bridge.card.signing import Between, proven, require_kind
from bridge.errors import FormatRefused
from bridge.requested import Format

KIND = "documents"


class DocumentsSigning(NamedTuple):
    words: str
    """The page's own, for the action."""
    documents: tuple[Ready, ...]
    signer: cades.SignerIdentity
    moment: datetime

    @classmethod
    def of(
        cls, request: dict[str, Any], raw_origins: frozenset[str], working: Callable[[int, int], None],
        found: Found, origin: str, now: Now,
    ) -> DocumentsSigning:  # fmt: skip
        """Reads every document once, and what was prepared of it; `working` is told after each.

        Raises CardUnknown, FormatRefused, BadRequest, DocumentMalformed.
        """
        require_kind(found)
        documents = [Document.parse(each) for each in request["documents"]]
        if origin not in raw_origins and any(document.format is Format.RAW for document in documents):
            raise FormatRefused("raw signatures are for origins that policy names")
        measured = _measured(documents, working)
        return cls(request["action"], measured, cades.SignerIdentity(found.der, found.chain), now())

    @property
    def kind(self) -> str:
        return KIND

    @property
    def action(self) -> str:
        return self.words

    @property
    def confirmation(self) -> str | None:
        return None

    def shown(self, language: str) -> dict[str, Any]:
        return {"type": "documents", "documents": [each.measured.shown() for each in self.documents]}

    def signed(self, login: Login, between: Between) -> dict[str, Any]:
        made: list[dict[str, Any]] = []
        for document in self.documents:
            between(len(made), len(self.documents))
            made.append(self._signed(login, document))
        between(len(made), len(self.documents))
        return {"signatures": made}

    def _signed(self, login: Login, document: Ready) -> dict[str, Any]:
        """`hash`, `algorithm` and `digest` are told so that a raw value can be verified by whoever gets it."""
        certificate, made = self.signer.certificate, form(document, self.signer, self.moment)
        data, how = made.to_sign(lambda used: login.algorithm(certificate, used))
        signature = proven(login, certificate, data, how)
        return {**made.closed(signature), "algorithm": signature.algorithm.scheme, **document.measured.told()}


def _measured(documents: Sequence[Document], working: Callable[[int, int], None]) -> tuple[Ready, ...]:
    found, room = [], MAX_ATTACHED
    for document in documents:
        measured = measure(document, room)
        room -= len(measured.attached or b"")
        found.append(ready(measured))
        working(0, len(documents))
    return tuple(found)
