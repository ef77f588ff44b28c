"""The cards that are present now, over every way to reach them: each found by its certificate, never by slot."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bridge.card.certinfo import CertificateInfo, describe
from bridge.card.port import CardPort, Token
from bridge.errors import (
    BridgeError,
    Busy,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateUnsuitable,
    NoCard,
    NoCertificate,
)

Now = Callable[[], datetime]

LOGIN = "login"
"""The type of the one statement that an authentication key signs (docs/protocol.md, What is signed)."""


class Found(NamedTuple):
    """A signer's certificate on a token that is present."""

    token: Token
    card: str
    """Names the token's one PIN, for ledger and PIN sessions (`_card` and `_hidden_card`)."""
    info: CertificateInfo
    der: bytes
    chain: tuple[bytes, ...]
    """CA certificates that the same token holds; self-signed ones left out."""


class Locked(NamedTuple):
    """A token that shows its certificate only after the PIN, whether or not it is logged in now."""

    token: Token
    card: str


class Present(NamedTuple):
    found: tuple[Found, ...]
    """Every signer's certificate that can be read now, of locked tokens that are logged in too."""
    locked: tuple[Locked, ...]


class Cards:
    def __init__(self, ports: Sequence[CardPort], now: Now) -> None:
        self._ports = tuple(ports)
        self._now = now
        self._learned: dict[str, Found] = {}
        """What a locked token showed after its PIN, by the certificate's id: asked for by that id, its PIN's window
        can name the holder."""
        self._failure: BridgeError | None = None
        """Why a port told nothing when it was last asked."""

    def present(self) -> Present:
        """Raises ModuleMissing, ModuleFailed, CardFailed."""
        tokens = self.tokens()
        open_ones = _once(found for token in tokens if not token.facts.identified_by for found in self._on(token))
        cards = {_place(found.token, found.token.facts.profile): found.card for found in open_ones}
        locked = _locked(tokens, cards)
        hidden = [found for each in locked for found in self._on(each.token, each.card)]
        self._learned.update({found.info.id: found for found in hidden})
        return Present((*open_ones, *hidden), locked)

    def tokens(self) -> list[Token]:
        """A module that fails does not hide the cards of the others; with no card at all, its failure is told."""
        tokens: list[Token] = []
        self._failure = None
        for port in self._ports:
            try:
                tokens += port.tokens()
            except BridgeError as error:
                self._failure = self._failure or error
        if self._failure is not None and not tokens:
            raise self._failure
        return tokens

    def find(self, certificate_id: str) -> Found:
        """The token that holds a certificate (SHA-256 hex). Raises NoCard, NoCertificate, Busy."""
        present = self.present()
        for found in (*present.found, *self._recalled(present.locked)):
            if found.info.id == certificate_id:
                return found
        raise self._absent(present)

    def again(self, found: Found) -> Found:
        """The same certificate as it stands now: its time may be over."""
        return found._replace(info=self._described(found.token, found.der))

    def token(self, card: str) -> Token:
        """The token whose PIN has that name. Raises NoCard, NoCertificate, Busy."""
        present = self.present()
        named = [(each.card, each.token) for each in present.found] + [
            (each.card, each.token) for each in present.locked
        ]
        for name, token in named:
            if name == card:
                return token
        raise self._absent(present)

    def locked(self, card: str) -> Locked:
        """Likewise among those that show their certificate after the PIN. Raises NoCard, NoCertificate, Busy."""
        present = self.present()
        for each in present.locked:
            if each.card == card:
                return each
        raise self._absent(present)

    def close(self) -> None:
        for port in self._ports:
            port.close()

    def _absent(self, present: Present) -> BridgeError:
        if isinstance(self._failure, Busy):
            return self._failure  # what is asked for may well be behind the reader that is held
        if present.found or present.locked:
            return NoCertificate("none of the cards present holds that certificate")
        return NoCard("no card is present")

    def _on(self, token: Token, card: str = "") -> list[Found]:
        described = [(der, self._described(token, der)) for der in token.certificates()]
        chain = tuple(der for der, info in described if info.authority and info.subject != info.issuer)
        signers = [(der, info) for der, info in described if not info.authority]
        name = card or _card([info for _, info in signers])
        return [Found(token, name, info, der, chain) for der, info in signers]

    def _described(self, token: Token, der: bytes) -> CertificateInfo:
        info = describe(der, self._now())
        return info._replace(purpose="auth") if token.facts.authenticates else info

    def _recalled(self, locked: tuple[Locked, ...]) -> Iterator[Found]:
        for each in locked:
            for known in self._learned.values():
                if known.card == each.card:
                    yield self.again(known._replace(token=each.token))


def require_fit(info: CertificateInfo, statement_type: str) -> None:
    """A proof of presence must not be turned into a signature. Raises CertificateUnsuitable."""
    if info.purpose == "auth" and statement_type != LOGIN:
        raise CertificateUnsuitable(f"an authentication key signs no {statement_type}")


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


def _card(signers: list[CertificateInfo]) -> str:
    """One name for one PIN, however many certificates stand behind it: failed tries must add up."""
    return min((info.id for info in signers), default="")


def _hidden_card(companion: str, profile: str) -> str:
    """The companion's certificate tells which card it is; the profile tells its two PINs apart."""
    return hashlib.sha256(f"{companion} {profile}".encode()).hexdigest()


def _locked(tokens: list[Token], cards: dict[tuple[str, str, str], str]) -> tuple[Locked, ...]:
    kept: dict[str, Locked] = {}
    for token in tokens:
        companion = cards.get(_place(token, token.facts.identified_by))
        if token.facts.identified_by and companion is not None:
            card = _hidden_card(companion, token.facts.profile)
            kept.setdefault(card, Locked(token, card))
    return tuple(kept.values())


def _once(found: Iterable[Found]) -> list[Found]:
    """Two libraries may show the same card: the one that the settings name first keeps it."""
    kept: dict[tuple[str, str], Found] = {}
    for each in found:
        kept.setdefault((each.token.facts.reader, each.info.id), each)
    return list(kept.values())


def _place(token: Token, profile: str) -> tuple[str, str, str]:
    return token.facts.reader, token.facts.insertion, profile
