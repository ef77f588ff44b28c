"""Documents that are about to be signed: measured once, shown by that measure, and signed by it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bridge.card.cards import Found, Now
from bridge.card.safety.login import Login
from bridge.card.signature import cades
from bridge.card.signature.algorithms import How
from bridge.card.signature.document import MAX_ATTACHED, Document, Measured, measure
from bridge.card.signing import Between, proven, require_kind
from bridge.errors import FormatRefused, TooLarge
from bridge.requested import Format

KIND = "documents"


class DocumentsSigning(NamedTuple):
    words: str
    """The page's own, for the action."""
    documents: tuple[Measured, ...]
    signer: cades.SignerIdentity
    moment: datetime

    @classmethod
    def of(
        cls, request: dict[str, Any], raw_origins: frozenset[str], working: Callable[[int, int], None],
        found: Found, origin: str, now: Now,
    ) -> DocumentsSigning:  # fmt: skip
        """Reads every document once; `working` is told after each. Raises CardUnknown, FormatRefused, BadRequest."""
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
        return {"type": "documents", "documents": [each.shown() for each in self.documents]}

    def signed(self, login: Login, between: Between) -> dict[str, Any]:
        made: list[dict[str, Any]] = []
        for document in self.documents:
            between(len(made), len(self.documents))
            made.append(self._signed(login, document))
        between(len(made), len(self.documents))
        return {"signatures": made}

    def _signed(self, login: Login, measured: Measured) -> dict[str, Any]:
        """`hash`, `algorithm` and `digest` are told so that a raw value can be verified by whoever gets it."""
        certificate = self.signer.certificate
        data, how = self._to_sign(measured)
        signature = proven(login, certificate, data, how)
        value = signature.value
        if measured.document.format is not Format.RAW:
            value = cades.envelope(measured.attached, cades.ID_DATA, data, signature, self.signer)
        return {
            "signature": base64.b64encode(value).decode(),
            "algorithm": signature.algorithm.scheme,
            **measured.told(),
        }

    def _to_sign(self, measured: Measured) -> tuple[bytes, How]:
        used = measured.document.hash
        if measured.document.format is Format.RAW:
            return measured.digest, How(used, hashed=True)
        attributes = cades.attributes_over(measured.digest, cades.ID_DATA, self.signer.certificate, self.moment)
        return attributes, How(used)


def _measured(documents: Sequence[Document], working: Callable[[int, int], None]) -> tuple[Measured, ...]:
    found = []
    for document in documents:
        found.append(measure(document))
        if sum(len(each.attached or b"") for each in found) > MAX_ATTACHED:
            raise TooLarge(f"documents of together more than {MAX_ATTACHED} bytes are not put into their signatures")
        working(0, len(documents))
    return tuple(found)
