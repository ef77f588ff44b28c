"""What the buttons of ICカード更新 do, over HTTP."""

from __future__ import annotations

import base64
from typing import Any

from tests.flow.portal_site import Page, Visitor
from tests.unit import portal_pki as pki
from tests.unit.renewal_world import LATER


def successor(person: Visitor, serial: int = 122) -> pki.Card:
    return person.made.authority.issue(serial, until=LATER)


def encoded(card: pki.Card) -> str:
    return base64.b64encode(card.der).decode()


async def hand_over(person: Visitor, page: Page, card: pki.Card | None = None) -> tuple[int, Any]:
    """What the hand-over page's button does."""
    body = {name: page.data(name) for name in ("shown", "old", "new", "division")}
    request = await person.begin("renewal/handover", body)
    return await person.finish("renewal/handover", person.made.signed(request, card))


async def announce(person: Visitor, card: pki.Card) -> tuple[int, Any]:
    return await person.call("/api/renewal/announce", {"certificate": encoded(card)})


async def accept(person: Visitor, page: Page, card: pki.Card) -> tuple[int, Any]:
    request = await person.begin("renewal/acceptance", {"shown": page.data("shown")})
    return await person.finish("renewal/acceptance", person.made.signed(request, card))
