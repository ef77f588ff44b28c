"""利用者登録: what a card's holder types before a registration, kept as typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from portal.form import fields
from portal.form.sections import Form
from portal.refusals import Invalid, Refused
from portal.registration import admission, holder
from portal.registration.admission import TAKEN
from portal.search.settings import User
from portal.settings import Settings
from portal.store import Draft, Session, Store, accounts


class Drafts:
    """The form of the card that logged in. Every method raises Refused (login_required) without one."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self._rules = settings.registration
        self._user = settings.search.user
        self._store = store
        self._clock = clock

    async def draft(self, session: Session) -> Draft:
        """What this card's holder has typed so far, as typed."""
        return await self._store.draft(holder.owner(session))

    async def form(self, session: Session) -> Form:
        """The form screen's contents. Raises Refused (search_required, holder_refused)."""
        draft = await self.draft(session)
        contractor = await self._store.contractor(draft.contractor) if draft.contractor else None
        if contractor is None:
            raise Refused("search_required")
        card = holder.card(session)
        remarks = admission.admissible(card, contractor.name, contractor.representative, self._rules)
        taken = await self._store.taken(contractor.number, session.category)
        noticed = (*remarks, TAKEN) if taken else remarks
        user_id = await self._user_id(session, contractor.number)
        return Form(contractor, card, draft.form, noticed, user_id, session.category)

    async def complete_form(self, session: Session) -> Form:
        """The form with every field good. Raises Invalid or Refused (as form)."""
        form = await self.form(session)
        problems = fields.check_form(form.typed, form.contractor.name)
        if problems:
            raise Invalid(problems)
        return form._replace(typed=fields.clean(form.typed, fields.form_fields()))

    async def save_form(self, session: Session, typed: Mapping[str, str]) -> None:
        """Keeps the fields as typed, then checks them. Raises Invalid (kept nevertheless) or Refused as `form`."""
        await self.keep_form(session, typed)
        form = await self.form(session)
        problems = fields.check_form(typed, form.contractor.name)
        if problems:
            raise Invalid(problems)

    async def keep_form(self, session: Session, typed: Mapping[str, str]) -> None:
        """Keeps the form's fields as typed, unchecked (a person going back loses nothing)."""
        owner = holder.owner(session)
        kept = {field.name: typed[field.name] for field in fields.form_fields() if field.name in typed}
        await self._store.update_draft(owner, lambda draft: draft._replace(form=kept), self._clock())

    async def _user_id(self, session: Session, number: str) -> str:
        """ユーザID as given at the search. Raises Refused (search_required) where the agency asks for one."""
        owner = holder.owner(session)
        given = await self._store.read(lambda db: accounts.given(db, owner))
        if self._user is not User.BLANK and given is not None and given.number == number:
            return given.account.user_id
        if self._user is User.REQUIRED:
            raise Refused("search_required", "no user information")
        return ""
