"""What is about to be signed, complete before the person is asked: a statement here, documents in `documents`."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from bridge.card.asking import questions
from bridge.card.cards import Found, Now
from bridge.card.safety.login import Login
from bridge.card.signature import cades, statement
from bridge.card.signature.algorithms import STATEMENT, How
from bridge.card.signature.proof import require_signature
from bridge.errors import CardUnknown

Between = Callable[[int, int], None]
"""Told how many of how many signatures are made; raises what ends the work before the next one."""


class Signing(Protocol):
    """One request's signatures: one consent, one PIN."""

    @property
    def kind(self) -> str:
        """A statement's type, or `documents`."""
        ...

    @property
    def action(self) -> str: ...
    @property
    def confirmation(self) -> str | None:
        """確認番号; None: documents are told apart by their hashes."""
        ...

    def shown(self, language: str) -> dict[str, Any]:
        """The window's content, of the very bytes that will be signed."""
        ...

    def signed(self, login: Login, between: Between) -> dict[str, Any]:
        """The reply. Raises what `Login.sign` raises, and what `between` raises."""
        ...


Prepare = Callable[[Found, str, Now], Signing]
"""From the signer's certificate and the origin that the browser reported."""


class StatementSigning(NamedTuple):
    request: dict[str, Any]
    composed: bytes
    attributes: bytes
    signer: cades.SignerIdentity

    @classmethod
    def of(cls, request: dict[str, Any], found: Found, origin: str, now: Now) -> StatementSigning:
        """Raises CardUnknown, canonical.NotCanonical."""
        require_kind(found)
        moment = now()
        content = statement.compose(request, origin, found.der, moment)
        attributes = cades.signed_attributes(content, statement.CONTENT_TYPE, found.der, moment)
        return cls(request, content, attributes, cades.SignerIdentity(found.der, found.chain))

    @property
    def kind(self) -> str:
        return str(self.request["type"])

    @property
    def action(self) -> str:
        return str(self.request["action"])

    @property
    def confirmation(self) -> str | None:
        return statement.confirmation_number(self.request)

    def shown(self, language: str) -> dict[str, Any]:
        return questions.statement_content(self.composed, language)

    def signed(self, login: Login, between: Between) -> dict[str, Any]:
        """`sha256`: of the bytes that were signed, for the daemon's record."""
        signature = proven(login, self.signer.certificate, self.attributes, STATEMENT)
        cms = cades.envelope(self.composed, statement.CONTENT_TYPE, self.attributes, signature, self.signer)
        return {"statement": base64.b64encode(cms).decode(), "sha256": hashlib.sha256(self.composed).hexdigest()}


def proven(login: Login, certificate: bytes, data: bytes, how: How) -> cades.Signature:
    """One signature that is what it claims to be. Raises CardFailed, and what `Login.sign` raises."""
    signature = cades.Signature(login.sign(certificate, data, how), login.algorithm(certificate, how), how.hash)
    require_signature(certificate, data, signature, how)
    return signature


def require_kind(found: Found) -> None:
    """Before the person is asked: a key that no signature of ours can come from. Raises CardUnknown."""
    if found.info.key.type not in ("RSA", "EC"):
        raise CardUnknown(f"a key of type {found.info.key.type} cannot sign here")
