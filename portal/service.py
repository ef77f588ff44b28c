"""The portal of one agency: its use cases, free of HTTP, composed over one store.

Each takes the visit's Session. Refused carries a stable code (texts.toml), Invalid the problems at their fields.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from portal.form.drafts import Drafts
from portal.officers.decisions import Decisions
from portal.officers.lookup import Lookup
from portal.officers.office import Office
from portal.officers.visits import OfficerVisits
from portal.publication import Publication
from portal.registration.change import Changes
from portal.registration.inquiry import Inquiry
from portal.registration.registrar import Registrar
from portal.registration.visits import Visits
from portal.renewal.procedure import Renewals
from portal.revocation.issuers import Issuers
from portal.revocation.points import Points
from portal.search.passwords import Passwords
from portal.search.search import Search
from portal.search.users import Users
from portal.settings import Settings
from portal.signatures.signing import Elsewhere, Signing, utc_now
from portal.signatures.trust import Trust
from portal.store import Store, inquiries
from portal.store.inquiries import Cause
from portal.trial import Trial
from portal.verification.verdicts import Verification


class Portal:
    """The composition: one object per use case."""

    def __init__(self, settings: Settings, store: Store, trust: Trust, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings = settings
        self._store = store
        self._clock = clock
        elsewhere = Elsewhere(Points(settings, trust, clock), Issuers(settings, trust, clock))
        signing = Signing(settings, store, trust, elsewhere, clock)
        self.publication = Publication(store, settings.entrance.rows)
        self.visits = Visits(settings, store, signing, clock)
        self.search = Search(settings, store, Users(store, Passwords()), clock)
        self.drafts = Drafts(settings, store, clock)
        self.changes = Changes(settings, store, signing, clock)
        self.inquiry = Inquiry(settings, store, clock)
        self.registrar = Registrar(settings, store, signing, self.drafts, clock)
        self.renewals = Renewals(settings, store, signing, clock)
        self.verification = Verification(settings, store, trust, clock)
        self.officers = OfficerVisits(settings, store, signing, clock)
        self.lookup = Lookup(store, settings.officers.rows)
        self.office = Office(store, settings.officers.rows, clock)
        self.decisions = Decisions(settings, store, signing, self.lookup, clock)
        self.trial = Trial(settings, trust, clock)

    def told(self, inquiry: Cause) -> None:
        """Keeps what a 問い合わせ番号 stands for, so that officers find it; nobody waits for it."""
        now = self._clock()
        self._store.post(lambda db: inquiries.note(db, inquiry, now))

    def now(self) -> datetime:
        """The server's time (UTC, aware)."""
        return self._clock()
