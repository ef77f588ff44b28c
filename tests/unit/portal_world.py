"""A whole portal without HTTP for tests: real store, real trust folders, a clock that a test can turn."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from portal.qualification import reading
from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.service import Portal
from portal.settings import Settings
from portal.signatures.signing import StatementRequest
from portal.signatures.trust import Trust
from portal.store import Registration, Session, Store, open_store, schema
from tests.procedure.example import FORM as FORM
from tests.procedure.example import SEARCH as SEARCH
from tests.unit import portal_pki as pki

elsewhere: str | None = None
"""PostgreSQL's address of the store, where it is not a file (tests.either)."""


@dataclass
class World:
    """What a test holds in its hands."""

    root: Path
    authority: pki.Authority
    card: pki.Card
    trust: pki.TrustFolder
    store: Store
    portal: Portal
    time: datetime = pki.NOW

    def wait(self, **span: float) -> None:
        self.time += timedelta(**span)

    def configure(self, **changes: Any) -> None:
        """Another choice of the agency's settings, by field name."""
        self.portal = _portal(self, replace(self.portal.settings, **changes))

    async def restart(self) -> None:
        """Closes the store and opens portal and store anew, as another process would."""
        await self.store.close()
        self.store = await open_store(self.portal.settings.database)
        self.portal = _portal(self, self.portal.settings)

    def signed(self, request: StatementRequest, card: pki.Card | None = None, **replaced: Any) -> bytes:
        signer = card or self.card
        here = {"origin": self.portal.settings.site.origin, **replaced}
        return pki.sign(pki.statement(signer, request._asdict(), **here), signer)

    async def login(
        self, card: pki.Card | None = None, purpose: Purpose = Purpose.REGISTRATION, category: str = ""
    ) -> Session:
        session = await self.portal.visits.start()
        request = await self.portal.visits.begin_login(session, purpose, category)
        return await self.portal.visits.finish_login(session, purpose, self.signed(request, card))

    async def ready(self, card: pki.Card | None = None, category: str = "") -> Session:
        """Logged in, contractor found, form filled."""
        session = await self.login(card, category=category)
        await self.portal.search.find(session, SEARCH)
        await self.portal.drafts.save_form(session, FORM)
        return session

    async def register(self, card: pki.Card | None = None, category: str = "") -> Registration:
        session = await self.ready(card, category)
        request = await self.portal.registrar.begin(session)
        return await self.portal.registrar.finish(session, self.signed(request, card))

    async def count(self, table: str) -> int:
        query = f"SELECT count(*) FROM {table}"  # noqa: S608 - a table's name from a test
        row = await self.store.read(lambda db: db.execute(query).fetchone())
        return int(row[0])


@asynccontextmanager
async def world(root: Path) -> AsyncIterator[World]:
    authority, trust = pki.Authority(), pki.TrustFolder(root / "trust")
    trust.anchor(authority)
    trust.crl(authority.crl())
    settings = pki.settings(trust, root / "portal.sqlite3")
    if elsewhere is None:
        shutil.copyfile(_tables(), root / "portal.sqlite3")
    else:
        settings = replace(settings, database=elsewhere)
    store = await open_store(settings.database)
    await store.import_contractors(reading.samples())
    made = World(root, authority, authority.issue(), trust, store, Portal(settings, store, Trust(trust.folders)))
    made.portal = _portal(made, settings)
    try:
        yield made
    finally:
        await made.store.close()


@cache
def _tables() -> Path:
    """The newest tables without a row: a test that is not about migrations need not wait for one."""
    folder = Path(tempfile.mkdtemp(prefix="tables"))
    atexit.register(shutil.rmtree, folder)
    schema.migrate(folder / "empty.sqlite3")
    return folder / "empty.sqlite3"


def _portal(made: World, settings: Settings) -> Portal:
    return Portal(settings, made.store, Trust(settings.trust), clock=lambda: made.time)


async def refused(waiting: Awaitable[object]) -> str:
    """The code with which it is refused."""
    with pytest.raises(Refused) as caught:
        await waiting
    return caught.value.code
