"""Officers' visits: short, apart from bidders', and begun by a login statement that no bidder's login can stand for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from portal.form import sections
from portal.refusals import Refused
from portal.settings import Settings
from portal.signatures import certificate
from portal.signatures.ladder import Checked
from portal.signatures.signing import Signing, StatementRequest
from portal.store import Store, officer_log, officers, statements
from portal.store.database import Database
from portal.store.officer_rows import Line, OfficerAct, OfficerSession

LOGIN = "officer-login"
LOGIN_ACTION = "発注機関の担当者のログイン"


class OfficerVisits:
    """Begins and ends officers' visits, and believes their logins by card."""

    def __init__(self, settings: Settings, store: Store, signing: Signing, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._store = store
        self._signing = signing
        self._clock = clock

    async def start(self) -> OfficerSession:
        """A new visit, nobody logged in."""
        now = self._clock()
        return await self._store.write(lambda db: officers.create_session(db, now, self._end(now)))

    async def find(self, session_id: str) -> OfficerSession | None:
        """The visit of a cookie, or None when it is unknown or over. Use prolongs it."""
        now = self._clock()
        found = await self._store.read(lambda db: officers.find_session(db, session_id, now))
        if found is None:
            return None
        end = self._end(now)
        if end - found.expires > (end - now) / 4:  # at most four writes in a visit's length
            await self._store.write(lambda db: officers.extend(db, session_id, end))
            found = found._replace(expires=end)
        return found

    async def begin_login(self, visit: OfficerSession) -> StatementRequest:
        """The login statement to sign; its nonce is good for this visit alone."""
        payload = sections.officer_login_payload(self._settings.agency.name)
        return await self._signing.request(visit, LOGIN, LOGIN_ACTION, payload, {})

    async def finish_login(self, visit: OfficerSession, cms: bytes) -> OfficerSession:
        """A new visit in place of this one. Raises Refused: the ladder's codes, officer_unknown."""
        try:
            checked = await self._signing.check(visit, cms, LOGIN, LOGIN_ACTION, None)
            return await self._log_in(visit, checked)
        except Refused as refusal:
            await self._signing.log(visit, LOGIN, refusal)
            raise

    async def end(self, visit: OfficerSession) -> None:
        """Logs out."""
        now = self._clock()

        def job(db: Database) -> None:
            officers.end(db, visit.id)
            if visit.officer is not None:
                officer_log.note(db, Line(visit.officer.id, visit.officer.name, OfficerAct.LOGOUT), now)

        await self._store.write(job)

    async def _log_in(self, visit: OfficerSession, checked: Checked) -> OfficerSession:
        now, view = self._clock(), certificate.read(checked.certificate)
        card = (view.issuer, view.serial, view.sha256)

        def job(db: Database) -> OfficerSession:
            officers.spend(db, visit.id, checked.nonce, now)
            begun = officers.log_in(db, visit.id, checked.certificate, card, now, self._end(now))
            assert begun.officer is not None  # noqa: S101 - log_in gives nothing else
            kept = statements.keep(db, checked, now)
            line = Line(begun.officer.id, begun.officer.name, OfficerAct.LOGIN, statement=kept)
            officer_log.note(db, line, now)
            return begun

        return await self._store.write(job)

    def _end(self, now: datetime) -> datetime:
        return now + timedelta(minutes=self._settings.officers.session_minutes)
