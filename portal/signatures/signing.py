"""One signed statement, from the nonce that is minted for it to the ladder that it has to climb.

Every procedure asks for its statements here, so that there is one way to believe one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from portal.refusals import Refused
from portal.registration import holder
from portal.revocation.issuers import Issuers
from portal.revocation.points import Points
from portal.settings import Settings
from portal.signatures import ladder
from portal.signatures.ladder import Checked, Expected, Opened
from portal.signatures.statement import confirmation_number, payload_digest
from portal.signatures.trust import Evidence, Trust
from portal.store import Minted, Owner, Registration, Session, Store
from portal.store.database import Database

T = TypeVar("T")

VERIFY_SECONDS = 20.0  # a path from configured CAs takes milliseconds; anything near this is a broken trust folder


class StatementRequest(NamedTuple):
    """What the page hands to the bridge (type … payload), and the 確認番号 to show beside it (8 digits)."""

    type: str
    action: str
    aud: str
    nonce: str
    payload: dict[str, Any]
    confirmation: str


class Elsewhere(NamedTuple):
    """What may be fetched where certificates say, within the settings' places: lists, and CA certificates."""

    lists: Points
    issuers: Issuers


class Visit(Protocol):
    """A bidder's visit or an officer's: nonces are bound to it."""

    @property
    def id(self) -> str: ...


Accept = Callable[[Session, Checked], Callable[[Database], Registration]]
"""The job that writes what a checked statement says and spends its nonce. It raises Refused."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Signing:
    """Asks for statements and checks what comes back."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        trust: Trust,
        elsewhere: Elsewhere,
        clock: Callable[[], datetime],
    ) -> None:
        self._elsewhere = elsewhere
        self._settings = settings
        self._store = store
        self._trust = trust
        self._clock = clock

    async def request(
        self, session: Visit, kind: str, action: str, payload: dict[str, Any], context: Mapping[str, Any]
    ) -> StatementRequest:
        """A statement to sign; its nonce is good for this session, type, action and payload. `context` comes back.

        Asked again for the same content it is the same request, with the same 確認番号 and more time: what a page shows
        when it is opened is what the window shows later, reloaded or not.
        """
        now, digest = self._clock(), payload_digest(payload)
        expires = now + timedelta(minutes=self._settings.limits.nonce_minutes)
        nonce = await self._store.mint_nonce(session.id, kind, action, digest, context, now, expires)
        aud = self._settings.site.audience
        confirmation = confirmation_number(kind, action, aud, nonce, payload)
        return StatementRequest(kind, action, aud, nonce, payload, confirmation)

    async def check(
        self,
        session: Visit,
        cms: bytes,
        kind: str,
        action: str,
        signer: bytes | None,
        *,
        expired: bool = False,
        waits: bool = False,
    ) -> Checked:
        """The whole ladder; `signer` is the certificate (DER) that must have signed, None: any. Raises Refused.

        `expired`: one past its validity will do (Trust.validate_expired). `waits`: the statement may wait for
        revocation data; what was checked then says so.
        """
        expected = self._expected(session, kind, action, signer, expired=expired)
        opened = ladder.open_statement(cms, expected)
        minted = await self._store.attempt_nonce(session.id, opened.statement.nonce)
        at_once = ladder.check_at_once(opened, minted, expected, self._trust, self._clock())
        return await self._checked(opened, minted, expected, waits=waits) if at_once is None else at_once

    def _expected(self, session: Visit, kind: str, action: str, signer: bytes | None, *, expired: bool) -> Expected:
        site, visit = self._settings.site, self._store.session_key(session.id)
        return Expected(kind, action, site.origin, site.audience, visit, signer, expired)

    async def _checked(self, opened: Opened, minted: Minted | None, expected: Expected, *, waits: bool) -> Checked:
        """From nonce to revocation, whatever time that takes. Raises Refused."""
        try:
            return await self._with_lists(
                opened.signed.signer, partial(ladder.check, opened, minted, expected, self._trust)
            )
        except Refused as refusal:
            if not waits or refusal.code != "revocation_unavailable":
                raise
        waiting = expected._replace(waits=True)
        return await in_time(asyncio.to_thread(ladder.check, opened, minted, waiting, self._trust, self._clock()))

    async def examine(self, certificate: bytes) -> None:
        """Whether a card could sign now, before its holder is asked for a PIN. Raises Refused (Trust.validate)."""
        await self.believe(certificate)

    async def believe(self, certificate: bytes) -> Evidence:
        """What a card is believed on at this moment. Raises Refused (Trust.validate)."""
        return await self._with_lists(certificate, partial(self._trust.validate, certificate))

    async def _with_lists(self, certificate: bytes, verify: Callable[[datetime], T]) -> T:
        async def verified() -> T:
            return await in_time(asyncio.to_thread(verify, self._clock()))

        points, issuers = self._elsewhere
        return await points.with_lists(certificate, partial(issuers.with_issuers, certificate, verified))

    async def once(
        self, session: Session, kind: str, action: str, cms: bytes, accept: Accept, *, waits: bool = False
    ) -> Registration:
        """What `accept` makes of a statement by the card that logged in; the identical CMS again gives the same.

        Raises Refused, which is logged: then nothing is stored.
        """
        owner = holder.owner(session)

        async def accepted() -> Registration:
            expected = self._expected(session, kind, action, session.certificate, expired=False)
            opened = ladder.open_statement(cms, expected)
            minted, done = await self._at_once(session, opened, expected, accept)
            if done is not None:
                return done
            checked = await self._checked(opened, minted, expected, waits=waits)
            return await self._store.write(accept(session, checked))

        # A nonce is spent once: of bytes that were accepted before, `accepted` says no, and only then they are sought.
        return await self._accepted(session, kind, lambda: self._known(cms, owner), accepted)

    async def _at_once(
        self, session: Session, opened: Opened, expected: Expected, accept: Accept
    ) -> tuple[Minted | None, Registration | None]:
        """Counts the attempt, and where the rest can be told without waiting, accepts in the same transaction."""

        def job(db: Database, minted: Minted | None) -> tuple[Minted | None, Registration | None]:
            checked = ladder.check_at_once(opened, minted, expected, self._trust, self._clock())
            return minted, None if checked is None else accept(session, checked)(db)

        return await self._store.attempt(session.id, opened.statement.nonce, job)

    async def settle(
        self,
        session: Visit,
        kind: str,
        known: Callable[[], Awaitable[T | None]],
        accept: Callable[[], Awaitable[T]],
    ) -> T:
        """What these very bytes have done already (`known`; None: nothing yet), or else what `accept` does with them.

        Raises Refused, which is logged: then nothing is stored.
        """
        done = await known()
        return done if done is not None else await self._accepted(session, kind, known, accept)

    async def _accepted(
        self,
        session: Visit,
        kind: str,
        known: Callable[[], Awaitable[T | None]],
        accept: Callable[[], Awaitable[T]],
    ) -> T:
        try:
            return await accept()
        except Refused as refusal:
            # A double click, or an answer that was lost: only one of the two spent the nonce.
            done = await known()
            if done is not None:
                return done
            await self.log(session, kind, refusal)
            raise

    async def _known(self, cms: bytes, owner: Owner) -> Registration | None:
        known = await self._store.registration_of_cms(ladder.fingerprint(cms))
        return known if known is not None and known.owner == owner else None

    async def log(self, session: Visit, kind: str, refusal: Refused) -> None:
        """Refusals are kept apart from what was accepted."""
        await self._store.log_refusal(session.id, kind, refusal.code, refusal.fact, self._clock())


async def in_time(verified: Coroutine[Any, Any, T]) -> T:
    """What a verification finds within its time. Raises Refused (verification_timeout)."""
    try:
        return await asyncio.wait_for(verified, VERIFY_SECONDS)
    except TimeoutError as error:
        raise Refused("verification_timeout") from error
