"""Visits: one browser's session, and the card that logs in to it for one business."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from portal.form import sections
from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.registration.rules import Effect
from portal.settings import Settings
from portal.signatures.signing import Signing, StatementRequest
from portal.store import Login, Session, Store, sessions

LOGIN = "login"
LAPSED = sessions.AFTERLIFE


class Visits:
    """Begins and ends sessions, and believes logins by card."""

    def __init__(self, settings: Settings, store: Store, signing: Signing, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._store = store
        self._signing = signing
        self._clock = clock

    async def start(self) -> Session:
        """A new visit, nobody logged in."""
        now = self._clock()
        return await self._store.create_session(now, self._session_end(now))

    async def find(self, session_id: str) -> Session | None:
        """The visit of a cookie, or None when it is unknown or over. Use prolongs it."""
        now = self._clock()
        session = await self._store.session(session_id, now)
        if session is None:
            return None
        end = self._session_end(now)
        if end - session.expires > (end - now) / 2:  # at most two writes in a session's length
            await self._store.extend_session(session.id, end)
            session = session._replace(expires=end)
        return session

    async def peek(self, session_id: str) -> Session | None:
        """The visit of a cookie as it stands; looking prolongs nothing."""
        return await self._store.session(session_id, self._clock())

    async def lapsed(self, session_id: str) -> Session | None:
        """A visit that lack of use has ended within the last day, for what was still typed in it; None otherwise."""
        now = self._clock()
        session = await self._store.session(session_id, now - LAPSED)
        return session if session is not None and session.expires <= now else None

    async def before(self, session: Session) -> list[Session]:
        """The visits in this browser whose place this one took within the last day, for what their pages still hold."""
        return await self._store.predecessors(session.id, self._clock() - LAPSED)

    async def extend(self, session: Session) -> Session:
        """The visit with its whole time before it again."""
        end = self._session_end(self._clock())
        await self._store.extend_session(session.id, end)
        return session._replace(expires=end)

    async def put_off_closing(self, session: Session) -> Session:
        """The visit with `hours.extension_minutes` more after closing; a second time changes nothing."""
        await self._store.write(lambda db: sessions.put_off_closing(db, session.id))
        return session._replace(extended=True)

    async def end(self, session: Session) -> None:
        """Logs out. Drafts stay with the certificate and are there again at its next login."""
        await self._store.end_session(session.id)

    async def begin_login(self, session: Session, purpose: Purpose, category: str = "") -> StatementRequest:
        """The login statement to sign; its nonce is good for this session, purpose and 区分 only."""
        payload = sections.login_payload(self._settings.agency.name, purpose, category)
        return await self._signing.request(session, LOGIN, purpose.action, payload, {"category": category})

    async def finish_login(self, session: Session, purpose: Purpose, cms: bytes) -> Session:
        """A new Session (new id, with certificate and purpose) in place of the old one.

        Raises Refused: the ladder's codes, or card_replaced for a card whose place another took. A card of which
        nothing is here yet may begin its registration without revocation data: it sees nothing, and what it signs
        waits.
        """
        waits = purpose is Purpose.REGISTRATION and self._settings.registration.revocation_unknown is Effect.REVIEW
        try:
            checked = await self._signing.check(session, cms, LOGIN, purpose.action, None, waits=waits)
            now = self._clock()
            login = Login(checked.certificate, purpose, checked.context["category"])
            return await self._store.login(session.id, checked, login, now, self._session_end(now))
        except Refused as refusal:
            await self._signing.log(session, LOGIN, refusal)
            raise

    def _session_end(self, now: datetime) -> datetime:
        return now + timedelta(minutes=self._settings.limits.session_minutes)
