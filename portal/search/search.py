"""Finding the company: by 業者番号, 商号又は名称 and, where the agency asks for them, ユーザID and パスワード."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from portal.form import fields
from portal.form.fields import Field
from portal.refusals import Invalid, Problem
from portal.registration import holder
from portal.search import screen, users
from portal.search.settings import Numbers
from portal.search.users import Users, Verdict
from portal.settings import Settings
from portal.store import Contractor, Owner, Session, Store, accounts, searches, sessions
from portal.store.accounts import Account, Given
from portal.store.database import Database
from portal.store.searches import SearchAttempt

# A password is never written down, not even one typed where none belongs.
_KEPT = frozenset({"number", "name", "user_id"})


class Search:
    """The search of the card that logged in. Every method raises Refused (login_required) without one."""

    def __init__(self, settings: Settings, store: Store, users: Users, clock: Callable[[], datetime]) -> None:
        self._rules = settings.search
        self._users = users
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

    async def password_kept(self, session: Session) -> bool:
        """Whether the password that belongs to the screen's 業者番号 and ユーザID is known from an earlier search."""
        owner = holder.owner(session)
        draft = await self._store.draft(owner)
        return users.is_kept(await self._users.given(owner), fields.clean(draft.search, self.fields))

    async def find(self, session: Session, typed: Mapping[str, str]) -> Contractor:
        """The contractor found, now the form's. Raises Invalid, or SearchLimited where attempts are counted."""
        owner, values = holder.owner(session), fields.clean(typed, self.fields)
        await self.keep(session, typed)
        given = await self._users.given(owner)
        before = given if users.is_kept(given, values) else None
        problems = screen.check(typed, self._rules, before is not None)
        if problems:
            raise Invalid(problems)
        attempt = await self._attempt(owner, values)
        left = attempt.left if attempt is not None else 0
        contractor, account = await self._match(values, before, left)
        await self._choose(owner, contractor, account, attempt)
        return contractor

    async def _attempt(self, owner: Owner, values: Mapping[str, str]) -> SearchAttempt | None:
        """Counts a search before it is made, where its answer would tell a secret. Raises SearchLimited."""
        if not self._secret and not (values["password"] and await self._users.are_published()):
            return None
        span = timedelta(minutes=self._rules.attempt_minutes)
        return await self._store.attempt_search(owner, self._rules.attempts, span, self._clock())

    async def _match(
        self, values: Mapping[str, str], before: Given | None, left: int
    ) -> tuple[Contractor, Account | None]:
        """Everything is looked at before anything is said: the same work, whatever is wrong."""
        contractor = await self._store.contractor(values["number"])
        registered = contractor.name if contractor is not None else ""
        named = hmac.compare_digest(registered.encode(), values["name"].encode())
        verdict, account = await self._users.answer(values, before)
        if contractor is not None and named and verdict is Verdict.GOOD:
            return contractor, account
        if self._secret:
            raise Invalid(screen.nothing_found(values, left))
        if contractor is None:
            raise Invalid(screen.unknown_number(self._agency))
        if not named:
            raise Invalid(screen.wrong_name(values["name"], registered))
        raise Invalid((_user_problem(verdict, left),))

    async def _choose(
        self, owner: Owner, contractor: Contractor, account: Account | None, attempt: SearchAttempt | None
    ) -> None:
        now = self._clock()
        given = Given(contractor.number, account) if account is not None else None

        def job(db: Database) -> None:
            draft = sessions.draft(db, owner)._replace(contractor=contractor.number)
            sessions.save_draft(db, owner, draft, now)
            accounts.give(db, owner, given)
            if attempt is not None:
                searches.forgive(db, attempt)

        await self._store.write(job)

    @property
    def _secret(self) -> bool:
        return self._rules.numbers is Numbers.SECRET


def _user_problem(verdict: Verdict, left: int) -> Problem:
    match verdict:
        case Verdict.OTHER_ID:
            return screen.user_differs("user_id", left)
        case Verdict.OTHER_PASSWORD:
            return screen.user_differs("password", left)
    return screen.user_absent()
