"""ICカード更新 at a desk: readers that a test fills, empties and exchanges, and cards that sign while in one."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.async_api import Page, expect

from portal.signatures import certificate
from tests.browser.peer import Problem
from tests.browser.portal_desk import TRIES, PortalDesk
from tests.unit import portal_pki as pki
from tests.unit.renewal_world import LATER

FIRST, SECOND = "練習用リーダー", "もう一つのリーダー"
UNREADABLE: Final = "unreadable"
Content = pki.Card | str | None
"""What is in a reader: a card, something that nobody can read, or nothing."""


@dataclass
class RenewalDesk:
    """A registered old card and a new one of the same holder; the old one is in the first reader."""

    at: PortalDesk
    old: pki.Card
    new: pki.Card
    readers: dict[str, Content] = field(default_factory=dict)
    expired: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.readers = {FIRST: self.old}
        self.at.peer.answers.update(readers=self._readers, certificates=self._certificates, sign=self._sign)

    async def put(self, content: Content, reader: str = FIRST) -> None:
        """Another card in a reader, or none; the bridge tells."""
        before = self.readers.get(reader)
        self.readers[reader] = content
        if before is not None:
            await self.at.peer.emit("cardRemoved", reader=reader)
        if content is not None:
            await self.at.peer.emit("cardInserted", reader=reader)

    # What a person does

    async def begin(self, page: Page) -> None:
        """The menu's ICカード更新 with the old card: the explanation."""
        await page.goto(f"{self.at.origin}/registration/menu")
        await page.get_by_role("button", name="ICカード更新").click()
        await page.wait_for_url("**/renewal")

    async def go_to_handover(self, page: Page) -> None:
        await page.get_by_role("button", name="次へ").click()
        await page.wait_for_url("**/renewal/handover")

    async def hand_over(self, page: Page) -> None:
        """From the explanation to 差し替えてください."""
        await self.go_to_handover(page)
        await page.get_by_role("button", name="引継ぎに署名").click()
        await page.wait_for_url("**/renewal/exchange")

    async def go_to_confirmation(self, page: Page) -> None:
        """The new card in the first reader: 新ICカードの確認."""
        await self.put(self.new)
        await page.get_by_role("button", name="次へ").click()
        await page.wait_for_url("**/renewal/confirm")

    async def told(self, page: Page, title: str) -> None:
        """What the exchange page says of the card in the reader."""
        await expect(page.locator("#seen h2")).to_have_text(title)

    # The bridge

    def _readers(self, _: dict[str, Any]) -> dict[str, Any]:
        def card(content: Content) -> dict[str, Any] | None:
            return None if content is None else {"id": "x", "profile": "unknown", "label": "", "tries": TRIES}

        listed = [{"name": name, "hasPinPad": False, "card": card(content)} for name, content in self.readers.items()]
        return {"readers": listed}

    def _certificates(self, params: dict[str, Any]) -> dict[str, Any]:
        found = [self._listed(name, card) for name, card in self.readers.items() if isinstance(card, pki.Card)]
        if not found:
            filled = any(content is not None for content in self.readers.values())
            raise Problem("card_unknown" if filled else "no_card" if self.readers else "no_reader")
        usable = [each for each in found if each["state"] == "valid"]
        return {"certificates": found if params.get("all") else usable or found}

    def _listed(self, reader: str, card: pki.Card) -> dict[str, Any]:
        view = certificate.read(card.der)
        state = "expired" if card.sha256 in self.expired else "valid"
        facts = {"reader": reader, "expiry": view.expiry, "state": state, "der": base64.b64encode(card.der).decode()}
        return self.at.listed(card, **facts)

    def _sign(self, params: dict[str, Any]) -> dict[str, Any]:
        cards = [card for card in self.readers.values() if isinstance(card, pki.Card)]
        card = next((card for card in cards if card.sha256 == params["certificate"]), None)
        if card is None:
            raise Problem(
                "no_certificate",
                title="証明書が見つかりません",
                detail="カードがありません。",
                help="差し込んでください。",
            )
        cms = pki.sign(pki.statement(card, params["statement"], origin=self.at.origin), card)
        session = {"pinSession": f"pin-session-{card.sha256[:8]}", "expiresAt": "2026-11-24T01:12:03Z"}
        return {"statement": base64.b64encode(cms).decode(), **session}


async def renewal_desk(at: PortalDesk) -> RenewalDesk:
    """The old card registered, as its holder once did."""
    await at.made.register()
    return RenewalDesk(at, at.made.card, at.made.authority.issue(122, until=LATER))
