"""The officers' pages for tests: a card on the list, and a browser that logs in with it beside a bidder's."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from portal.signatures import certificate
from portal.signatures.signing import StatementRequest
from portal.store import Registration, officers
from portal.store.officer_rows import Officer
from portal.web.officers import door
from tests.flow.portal_site import Page, Visitor, visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, world

NAME = "山口 花子"


def officer_card(made: World, serial: int = 900) -> pki.Card:
    """A card of the agency's, of the same authority as the bidders'."""
    pairs = [(NameOID.COUNTRY_NAME, "JP"), (NameOID.ORGANIZATION_NAME, "山口市"), (NameOID.COMMON_NAME, NAME)]
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])
    return made.authority.issue(serial, name, pki.rsa_key(f"officer {serial}"))


async def allow(made: World, card: pki.Card, name: str = NAME, *, by_number: bool = False) -> Officer:
    """Puts a card on the list, by its certificate or by issuer and serial alone."""
    view = certificate.read(card.der)
    fingerprint = None if by_number else view.sha256
    added = await made.store.write(
        lambda db: officers.add(db, name, view.issuer, view.serial, fingerprint, "test", made.time)
    )
    assert added is not None
    return added


@dataclass
class AtWork:
    """An officer at a browser of their own."""

    browser: Visitor
    card: pki.Card

    @property
    def made(self) -> World:
        return self.browser.made

    async def get(self, path: str, **headers: str) -> Page:
        return await self.browser.get(path, **headers)

    async def submit(self, path: str, typed: dict[str, str], **headers: str) -> Page:
        return await self.browser.submit(path, typed, **headers)

    async def begin(self, path: str, body: Any) -> StatementRequest:
        status, answer = await self.browser.call(path, body)
        assert status == 200, answer
        return StatementRequest(**answer)

    async def finish(self, path: str, request: StatementRequest, card: pki.Card | None = None) -> tuple[int, Any]:
        cms = self.made.signed(request, card or self.card)
        return await self.browser.call(path, {"statement": base64.b64encode(cms).decode()})

    async def try_login(self, card: pki.Card | None = None) -> tuple[int, Any]:
        await self.get(door.LOGIN)
        return await self.finish(door.FINISH, await self.begin(door.BEGIN, {}), card)

    async def login(self) -> Page:
        status, answer = await self.try_login()
        assert (status, answer) == (200, {"next": "/officers"})
        return await self.get("/officers")


@asynccontextmanager
async def office(made: World, serial: int = 900) -> AsyncIterator[AtWork]:
    """Another officer, on the list and not yet logged in."""
    card = officer_card(made, serial)
    await allow(made, card, f"{NAME}{serial if serial != 900 else ''}")
    async with visitor(made) as browser:
        yield AtWork(browser, card)


@pytest.fixture
async def officer(tmp_path: Path) -> AsyncIterator[AtWork]:
    """An officer in front of the portal, on the list and not yet logged in."""
    async with world(tmp_path) as made, office(made) as opened:
        yield opened


async def waiting(made: World, serial: int = 301) -> Registration:
    """A 仮登録: a card of another company's."""
    return await made.register(made.authority.issue(serial, pki.subject(organization="別会社株式会社")))
