"""Finding the company: by 業者番号 and 商号又は名称, as typed, with the agency's secrecy."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from portal import fields, holder
from portal.fields import Field
from portal.refusals import Invalid
from portal.search import screen
from portal.search.settings import Numbers
from portal.settings import Settings
from portal.store import Contractor, Owner, Session, Store

# A password is never written down, not even one typed where none belongs.
_KEPT = frozenset({"number", "name", "user_id"})


class Search:
    """The search of the card that logged in. Every method raises Refused (login_required) without one."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self._rules = settings.search
        self._agency = settings.agency.name
        self._store = store
        self._clock = clock

    @property
    def fields(self) -> tuple[Field, ...]:
        """The screen's fields."""
        return screen.search_fields(self._rules)

    async def keep(self, session: Session, typed: Mapping[str, str]) -> None:
        """Keeps what was typed, unchecked."""
        kept = {name: value for name, value in typed.items() if name in _KEPT}
        await self._store.update_draft(holder.owner(session), lambda draft: draft._replace(search=kept), self._clock())

    async def find(self, session: Session, typed: Mapping[str, str]) -> Contractor:
        """The contractor found, now the form's. Raises Invalid, or SearchLimited where attempts are counted."""
        owner = holder.owner(session)
        await self.keep(session, typed)
        problems = fields.check(typed, self.fields)
        if problems:
            raise Invalid(problems)
        values = fields.clean(typed, self.fields)
        secret = self._rules.numbers is Numbers.SECRET
        contractor = await (self._find_secret(owner, values) if secret else self._find_published(values))
        number = contractor.number
        await self._store.update_draft(owner, lambda draft: draft._replace(contractor=number), self._clock())
        return contractor

    async def _find_published(self, values: Mapping[str, str]) -> Contractor:
        contractor = await self._store.contractor(values["number"])
        if contractor is None:
            raise Invalid(screen.unknown_number(self._agency))
        if values["name"] != contractor.name:
            raise Invalid(screen.wrong_name(values["name"], contractor.name))
        return contractor

    async def _find_secret(self, owner: Owner, values: Mapping[str, str]) -> Contractor:
        """Every search is counted before it is made, and one that found something is taken out of the count."""
        span = timedelta(minutes=self._rules.attempt_minutes)
        attempt = await self._store.attempt_search(owner, self._rules.attempts, span, self._clock())
        contractor = await self._store.contractor(values["number"])
        # An unknown number is compared as well: the same work, whichever of the two is wrong.
        name = contractor.name if contractor is not None else ""
        if not hmac.compare_digest(name.encode(), values["name"].encode()) or contractor is None:
            raise Invalid(screen.nothing_found(values, attempt.left, self._rules))
        await self._store.forgive_search(attempt)
        return contractor
