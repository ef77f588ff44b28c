"""The portal's store: jobs and queries in SQL, over an engine that runs them (portal.store.sqlite).

Every method that writes returns when the data is on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from portal.refusals import Refused
from portal.storage import Postgresql
from portal.store import (
    accounts,
    changes,
    companies,
    contractors,
    history,
    receipts,
    registrations,
    searches,
    sessions,
    sqlite,
    statements,
)
from portal.store.database import Database, Engine, Measured, StoreFault, Unavailable
from portal.store.mail_rows import Mail
from portal.store.rows import (
    RECEPTION,
    Act,
    Change,
    ChangeDraft,
    Contractor,
    Draft,
    Entry,
    Event,
    Identity,
    InForce,
    Login,
    Minted,
    Outcome,
    Owner,
    Proof,
    Published,
    Receipt,
    Registration,
    Session,
    State,
)
from portal.store.times import text

__all__ = [
    "RECEPTION",
    "Act",
    "Change",
    "ChangeDraft",
    "Contractor",
    "Draft",
    "Entry",
    "Event",
    "Identity",
    "InForce",
    "Login",
    "Mail",
    "Minted",
    "Outcome",
    "Owner",
    "Proof",
    "Published",
    "Receipt",
    "Registration",
    "Session",
    "State",
    "Store",
    "StoreFault",
    "Unavailable",
    "open_store",
]

T = TypeVar("T")


async def open_store(place: Path | str, server: Postgresql | None = None) -> Store:
    """The store in a file, or at PostgreSQL's address (`server`: how it is used), made or migrated as needed.

    Raises schema.SchemaError, StoreFault, OSError.
    """
    if isinstance(place, Path):
        return Store(await asyncio.to_thread(sqlite.open_embedded, place))
    from portal.store import postgresql  # and its driver only where it is used

    return Store(await postgresql.open_networked(place, server or Postgresql()))


class Store:
    """Sessions, nonces, drafts, contractors, statements, registrations, refusals and the outbox.

    Every method raises StoreFault where the database does not do its part: Unavailable, if that may pass.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def close(self) -> None:
        """Finishes what waits and closes the database."""
        await self._engine.close()

    async def write(self, job: Callable[[Database], T]) -> T:
        """Runs a job in a transaction; back once it is committed. The job's exception rolls it back."""
        return await self._engine.write(job)

    def post(self, job: Callable[[Database], object]) -> None:
        """Hands over a job to be written that nobody waits for, and whose failure costs nobody anything."""
        self._engine.post(job)

    async def read(self, query: Callable[[Database], T]) -> T:
        """Runs a query beside what is written; it sees what was committed before."""
        return await self._engine.read(query)

    async def measured(self) -> Measured:
        """How large the database is, and what is free beside it."""
        return await self._engine.measured()

    # Sessions, nonces, drafts

    def session_key(self, session_id: str) -> str:
        """What nonces are bound to: the session's id as the database knows it."""
        return sessions.key(session_id)

    async def create_session(self, now: datetime, expires: datetime) -> Session:
        def job(db: Database) -> Session:
            sessions.sweep(db, now)
            return sessions.create(db, None, now, expires)

        return await self.write(job)

    async def session(self, session_id: str, now: datetime) -> Session | None:
        return await self.read(lambda db: sessions.find(db, session_id, now))

    async def predecessors(self, session_id: str, since: datetime) -> list[Session]:
        """The visits whose place this one took that ended after `since`, under its own id."""
        return await self.read(lambda db: sessions.predecessors(db, session_id, since))

    async def extend_session(self, session_id: str, expires: datetime) -> None:
        await self.write(lambda db: sessions.extend(db, session_id, expires))

    async def end_session(self, session_id: str) -> None:
        await self.write(lambda db: sessions.end(db, session_id))

    async def login(self, session_id: str, proof: Proof, login: Login, now: datetime, expires: datetime) -> Session:
        """One transaction: nonce spent, statement stored, the session replaced by a new one.

        Raises Refused: card_replaced for a card that may not log in any more, revocation_unavailable for one that is
        known and could not be checked, or what spending the nonce raises.
        """

        def job(db: Database) -> Session:
            sessions.spend(db, session_id, proof.nonce, now)
            registrations.admit(db, login.owner)
            if proof.waits:
                registrations.admit_unchecked(db, login.owner)
            statements.keep(db, proof, now)
            return sessions.succeed(db, session_id, login, now, expires)

        return await self.write(job)

    async def mint_nonce(
        self,
        session_id: str,
        kind: str,
        action: str,
        payload_sha256: bytes,
        context: Mapping[str, Any],
        now: datetime,
        expires: datetime,
    ) -> str:
        """A nonce of 32 random bytes, base64url, for one statement of this session; `context` comes back with it.

        Asked again for the same statement before anything arrived, it gives the same nonce, good until `expires`.
        """
        return await self.write(
            lambda db: sessions.mint(db, session_id, kind, action, payload_sha256, context, now, expires)
        )

    async def attempt_nonce(self, session_id: str, nonce: str) -> Minted | None:
        """Counts one attempt on a nonce; None when it was never minted for this session or has been swept away."""
        return await self.write(lambda db: sessions.attempt(db, session_id, nonce))

    async def attempt(self, session_id: str, nonce: str, job: Callable[[Database, Minted | None], T]) -> T:
        """Counts one attempt, then runs a job of what was minted; what that refuses is not written, but was tried."""
        done = await self.write(lambda db: sessions.attempted(db, session_id, nonce, job))
        if isinstance(done, Refused):
            raise done
        return done

    async def update_draft(self, owner: Owner, change: Callable[[Draft], Draft], now: datetime) -> None:
        """Replaces a card's draft by the changed one, in one transaction: two tabs do not undo each other."""
        await self.write(lambda db: sessions.save_draft(db, owner, change(sessions.draft(db, owner)), now))

    async def draft(self, owner: Owner) -> Draft:
        """The draft of a card; an empty one when there is none."""
        return await self.read(lambda db: sessions.draft(db, owner))

    # Qualification data

    async def contractor(self, number: str) -> Contractor | None:
        return await self.read(lambda db: contractors.find(db, number))

    async def search_contractors(self, words: str, offset: int, limit: int) -> tuple[list[Published], int]:
        """Rows of the qualification data by number that hold every word in number or name, and how many there are."""
        return await self.read(lambda db: contractors.search(db, words, offset, limit))

    async def import_contractors(
        self, rows: Iterable[Contractor], users: Mapping[str, accounts.Account | None] | None = None
    ) -> int:
        """Puts the rows in place of those with the same number, all or nothing; how many. `users`: by 業者番号."""
        given = list(rows)

        def job(db: Database) -> int:
            accounts.publish(db, users or {})
            return contractors.replace(db, given)

        return await self.write(job)

    async def attempt_search(self, owner: Owner, limit: int, span: timedelta, now: datetime) -> searches.SearchAttempt:
        """Counts a search of this card, at most `limit` in every `span`. Raises SearchLimited."""
        return await self.write(lambda db: searches.attempt(db, owner, limit, span, now))

    # Registrations

    async def registration(self, owner: Owner) -> Registration | None:
        """The registration of a card, if it has one."""
        return await self.read(lambda db: registrations.find(db, owner))

    async def take_up_change(self, owner: Owner, now: datetime) -> tuple[Registration, ChangeDraft]:
        """A card's registration and its change as typed so far, over what is in force. Raises Refused."""
        return await self.write(lambda db: changes.take_up(db, owner, now))

    async def change_draft(self, owner: Owner) -> ChangeDraft | None:
        """A card's change as typed so far, over what was in force when it was last shown."""
        return await self.read(lambda db: changes.find_draft(db, owner))

    async def keep_change(self, owner: Owner, typed: Mapping[str, str], now: datetime) -> None:
        """Keeps the form of a change as typed; the rest of its draft stays. Raises Refused (not_registered)."""

        def job(db: Database) -> None:
            draft = changes.find_draft(db, owner) or changes.take_up(db, owner, now)[1]
            changes.save_draft(db, owner, draft._replace(form=dict(typed)), now)

        await self.write(job)

    async def settle_change(self, owner: Owner, now: datetime) -> None:
        """The person has seen what other cards changed."""

        def job(db: Database) -> None:
            draft = changes.take_up(db, owner, now)[1]
            changes.save_draft(db, owner, draft._replace(moved={}), now)

        await self.write(job)

    async def registration_of_cms(self, cms_sha256: str) -> Registration | None:
        """The registration of the card that signed this statement, if it was accepted."""
        return await self.read(lambda db: registrations.find_by_statement(db, cms_sha256))

    async def taken(self, number: str, category: str) -> bool:
        """Whether a card is registered (not only 仮登録) for this 業者番号."""
        return bool(await self.read(lambda db: companies.registered_contacts(db, number, category)))

    async def registrations_of(self, company_id: str) -> list[Registration]:
        """The registrations of a 企業ID, one per card."""
        return await self.read(lambda db: registrations.find_by_company(db, company_id))

    async def history(self, company_id: str) -> list[Event]:
        """What was done to a company's registrations, oldest first."""
        return await self.read(lambda db: history.of_company(db, company_id))

    async def registrations(self) -> list[Registration]:
        return await self.read(registrations.everything)

    async def stored_cms(self, company_id: str) -> list[bytes]:
        """The CMS of each card of a 企業ID, as received."""
        return await self.read(lambda db: statements.of_company(db, company_id))

    async def receipt(self, owner: Owner) -> Receipt | None:
        """The statement that a registration rests on, as received."""
        return await self.read(lambda db: receipts.latest(db, owner))

    async def receipt_of(self, cms_sha256: str, certificate_sha256: str) -> Receipt | None:
        """The receipt of exactly these bytes, as far as this card may know of it."""
        return await self.read(lambda db: receipts.find(db, cms_sha256, certificate_sha256))

    # Apart from all that

    async def log_refusal(self, session_id: str, kind: str, code: str, fact: str, now: datetime) -> None:
        row = (text(now), sessions.key(session_id), kind, code, fact)
        query = "INSERT INTO refusals (at, session, type, code, fact) VALUES (?, ?, ?, ?, ?)"
        await self.write(lambda db: db.execute(query, row).rowcount)
