"""ICカード更新 in a portal without HTTP: a registered old card, a new one of the same holder, and both signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.registration.purposes import Purpose
from portal.renewal.acceptance import Done
from portal.renewal.procedure import Renewals
from portal.store import Registration, Session, State
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, world

EXPIRED = pki.NOW + timedelta(days=10)
LATER = datetime(2034, 11, 20, 14, 59, 59, tzinfo=UTC)


@dataclass
class Desk:
    """The world with the two cards of one holder; the old one is registered."""

    made: World
    old: pki.Card
    new: pki.Card
    registration: Registration

    @property
    def renewals(self) -> Renewals:
        return self.made.portal.renewals

    async def unchanged(self) -> bool:
        """Nothing of the registration has changed."""
        found = await self.made.store.registrations_of(self.registration.company_id)
        return [(each.certificate_sha256, each.state) for each in found] == [(self.old.sha256, State.REGISTERED)]

    async def login(self, card: pki.Card | None = None) -> Session:
        return await self.made.login(card or self.old, Purpose.RENEWAL)

    async def hand_over(self, session: Session, **named: Any) -> bytes:
        """The old card's signature, accepted; its CMS."""
        request = await self.renewals.handovers.begin(session, **named)
        cms = self.made.signed(request, self.old)
        await self.renewals.handovers.finish(session, cms)
        return cms

    async def handed_over(self, **named: bytes) -> Session:
        """Logged in with the old card, which has handed over."""
        session = await self.login()
        await self.hand_over(session, **named)
        return session

    async def accept(self, session: Session, card: pki.Card | None = None) -> bytes:
        """The new card put in and its acceptance signed, not sent yet."""
        chosen = card or self.new
        await self.renewals.acceptances.announce(session, chosen.der)
        return self.made.signed(await self.renewals.acceptances.begin(session), chosen)

    async def renew(self) -> Done:
        """The whole procedure."""
        session = await self.handed_over()
        return await self.renewals.acceptances.finish(session, await self.accept(session))

    async def rows(self, query: str) -> list[Any]:
        return await self.made.store.read(lambda db: db.execute(query).fetchall())


@asynccontextmanager
async def desk(root: Path) -> AsyncIterator[Desk]:
    async with world(root) as made:
        registration = await made.register()
        yield Desk(made, made.card, made.authority.issue(122, until=LATER), registration)


@asynccontextmanager
async def expired_desk(root: Path) -> AsyncIterator[Desk]:
    """The old card has expired since; the list of that time was kept, and a current one is there."""
    async with world(root) as made:
        made.card = made.authority.issue(until=EXPIRED)
        opened = Desk(made, made.card, made.authority.issue(122, until=LATER), await made.register())
        expire(made)
        yield opened


def expire(made: World) -> None:
    """Time goes on past EXPIRED: the revocation list of that time is kept, and a current one is there."""
    made.wait(days=20)
    since, until = EXPIRED - timedelta(days=1), EXPIRED + timedelta(days=6)
    made.trust.past_crl(made.authority.crl(since=since, until=until, number=5))
    made.trust.crl(made.authority.crl(since=made.time, until=made.time + timedelta(days=7), number=9))
