"""The submenu on card and certificate: lines to read, made of what is known already (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from tray.menu.status import Card, Certificate, Status
from tray.menu.texts import CardTexts
from tray.pin_window.legible import legible

_SHOWN = 64
"""Characters of a certificate's words that a line of the menu has room for."""


def title(status: Status, texts: CardTexts) -> str:
    return texts.title if status.present else texts.none


def lines(status: Status, texts: CardTexts) -> Iterator[str | None]:
    """None: a separator."""
    if status.unread:
        yield texts.failed.format(status.unread)
    elif not status.cards:
        yield texts.unread
    for number, card in enumerate(status.cards):
        if number:
            yield None
        yield from _card(card, texts)


def reading(status: Status, texts: CardTexts) -> str:
    """What has the card read, once or again."""
    return texts.read_again if status.cards else texts.read


def _card(card: Card, texts: CardTexts) -> Iterator[str | None]:
    if card.label:
        yield texts.label.format(_short(card.label))
    if card.tries is not None:
        yield texts.tries.format(card.tries)
    for certificate in card.certificates:
        yield None
        yield from _certificate(certificate, texts)
    if card.hidden:
        yield texts.hidden


def _certificate(certificate: Certificate, texts: CardTexts) -> Iterator[str]:
    yield texts.holder.format(_short(_holder(certificate, texts)))
    yield texts.issuer.format(_short(certificate.issuer))
    yield texts.serial.format(_short(certificate.serial))
    yield texts.expiry.format(_expiry(certificate, texts))


def _holder(certificate: Certificate, texts: CardTexts) -> str:
    if certificate.holder and certificate.organization:
        return texts.whose.format(holder=certificate.holder, organization=certificate.organization)
    return certificate.holder or certificate.organization or texts.nobody


def _expiry(certificate: Certificate, texts: CardTexts) -> str:
    days = certificate.days_left
    if days < 0:
        return texts.expired.format(expiry=certificate.expiry)
    text = texts.days_left if days else texts.last_day
    return text.format(expiry=certificate.expiry, days=days)


def _short(text: str) -> str:
    shown = legible(text)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
