"""What the card host last told of the cards that are in the readers. Nothing here asks a card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Wire = dict[str, Any]


class KnownCertificate(NamedTuple):
    id: str
    """SHA-256 of the DER, lower-case hex."""
    holder: str
    organization: str
    """Both may be empty."""
    issuer: str
    """RFC 4514."""
    serial: str
    """Decimal."""
    expiry: str
    """The last day of validity in Tokyo, YYYY/MM/DD."""
    purpose: str
    """sign | auth."""


class KnownCard(NamedTuple):
    """One PIN of one card: a card may have several, each with certificates of its own."""

    reader: str
    label: str
    hint: str
    """many | low | last | locked | unknown (docs/protocol.md, tries)."""
    left: int | None
    """Tries left, where the card tells a number."""
    nearly_locked: bool
    """The next wrong PIN could lock it, by the card's own word or by what this PC remembers."""
    hidden: bool
    """It shows its certificate only after the PIN."""
    certificates: tuple[KnownCertificate, ...]


class KnownCards:
    def __init__(self) -> None:
        self._tokens: dict[tuple[str, str], Wire] = {}
        """By reader and profile, as the host told them."""
        self.on_learn: Callable[[], None] = lambda: None

    def learn(self, tokens: list[Wire]) -> None:
        """Everything that is in the readers now."""
        self._tokens = {(token["reader"], token["profile"]): token for token in tokens}
        self.on_learn()

    def tries(self, reader: str, profile: str, told: Wire) -> None:
        """After a PIN window. `told`: its `tries` and `nearlyLocked`."""
        if (known := self._tokens.get((reader, profile))) is not None:
            self._tokens[reader, profile] = known | told

    def gone(self, reader: str) -> None:
        self._tokens = {key: token for key, token in self._tokens.items() if key[0] != reader}

    def wire(self, reader: str) -> Wire:
        """What pages are told of the card in a reader; the last of several PINs. May be empty."""
        return next((token for (place, _), token in reversed(self._tokens.items()) if place == reader), {})

    def holder(self, certificate: str) -> str:
        """By the certificate's id: its holder, or the organization; empty where it is not known (yet)."""
        known = (each for card in self.all() for each in card.certificates if each.id == certificate)
        return next((each.holder or each.organization for each in known), "")

    def all(self) -> tuple[KnownCard, ...]:
        return tuple(map(_card, self._tokens.values()))


def _card(token: Wire) -> KnownCard:
    shown = [each for each in token["certificates"] if not each.get("locked")]
    return KnownCard(
        reader=token["reader"],
        label=token["label"],
        hint=token["tries"]["hint"],
        left=token["tries"]["count"],
        nearly_locked=bool(token["nearlyLocked"]),
        hidden=len(shown) < len(token["certificates"]),
        certificates=tuple(map(_certificate, shown)),
    )


def _certificate(item: Wire) -> KnownCertificate:
    holder = item["holder"]
    return KnownCertificate(
        id=item["id"],
        holder=holder.get("name", ""),
        organization=holder.get("organization", ""),
        issuer=item["issuer"],
        serial=item["serial"],
        expiry=item["expiry"],
        purpose=item["purpose"],
    )
