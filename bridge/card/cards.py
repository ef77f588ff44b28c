"""The cards that are present now, over every way to reach them: each found by its certificate, never by slot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bridge.card.certinfo import CertificateInfo, describe
from bridge.card.port import CardPort, Token
from bridge.card.tries import UNKNOWN, Tries
from bridge.errors import (
    BridgeError,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateUnsuitable,
    NoCard,
    NoCertificate,
)

Now = Callable[[], datetime]


class Found(NamedTuple):
    """A signer's certificate on a token that is present."""

    token: Token
    info: CertificateInfo
    der: bytes
    chain: tuple[bytes, ...]
    """CA certificates that the same token holds; self-signed ones left out."""


class Cards:
    def __init__(self, ports: Sequence[CardPort], now: Now) -> None:
        self._ports = tuple(ports)
        self._now = now

    def found(self) -> list[Found]:
        """Every signer's certificate on every token. Raises ModuleMissing, ModuleFailed, CardFailed."""
        return [found for token in self.tokens() for found in self._on(token)]

    def tokens(self) -> list[Token]:
        """A module that fails does not hide the cards of the others; with no card at all, its failure is told."""
        tokens: list[Token] = []
        failure: BridgeError | None = None
        for port in self._ports:
            try:
                tokens += port.tokens()
            except BridgeError as error:
                failure = failure or error
        if failure is not None and not tokens:
            raise failure
        return tokens

    def find(self, certificate_id: str) -> Found:
        """The token that holds a certificate (SHA-256 hex). Raises NoCard, NoCertificate."""
        everything = self.found()
        for found in everything:
            if found.info.id == certificate_id:
                return found
        if everything:
            raise NoCertificate("none of the cards present holds that certificate")
        raise NoCard("no card is present")

    def close(self) -> None:
        for port in self._ports:
            port.close()

    def _on(self, token: Token) -> list[Found]:
        described = [(der, describe(der, self._now())) for der in token.certificates()]
        chain = tuple(der for der, info in described if info.authority and info.subject != info.issuer)
        return [Found(token, info, der, chain) for der, info in described if not info.authority]


def require_usable(info: CertificateInfo) -> None:
    """Ask the certificate before the person.

    Raises CertificateExpired, CertificateNotYetValid, CertificateUnsuitable.
    """
    match info.state:
        case "expired":
            raise CertificateExpired(f"valid until {info.expiry}")
        case "notYetValid":
            raise CertificateNotYetValid(f"valid from {info.not_before}")
        case "unsuitable":
            raise CertificateUnsuitable("the certificate's key usage does not allow signing")


def listing(cards: Cards) -> list[dict[str, Any]]:
    """Per token: facts, tries as the card tells them free of cost, and its signers' certificates."""
    tokens: dict[int, dict[str, Any]] = {}
    for found in cards.found():
        entry = tokens.setdefault(id(found.token), _described(found.token))
        entry["certificates"].append(found.info.wire(found.token.facts.reader))
    return list(tokens.values())


def _described(token: Token) -> dict[str, Any]:
    facts = token.facts
    return {
        "reader": facts.reader,
        "label": facts.label,
        "profile": facts.profile,
        "pinPad": facts.pin_pad,
        "tries": told_tries(token).wire(),
        "certificates": [],
    }


def told_tries(token: Token) -> Tries:
    """For information alone: a counter that cannot be read now is unknown, and nothing fails by it."""
    try:
        return token.tries()
    except BridgeError:
        return UNKNOWN
