"""The use cases of the portal, free of HTTP: visits, search, form, registration.

Each method takes the visit's Session. Refused carries a stable code (texts.toml), Invalid the problems at their fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from portal import certificate, fields, ladder, names, sections, visits
from portal.mail import letters
from portal.refusals import Invalid, Problem, Refused
from portal.sections import Form
from portal.settings import Settings
from portal.signing import Signing, StatementRequest, utc_now
from portal.store import Contractor, Draft, Entry, Mail, Registration, Session, State, Store
from portal.trust import Trust
from portal.visits import Visits

REGISTRATION = "registration"
REGISTRATION_ACTION = "利用者登録（登録）"


class Portal:
    """The portal of one agency over one store."""

    def __init__(self, settings: Settings, store: Store, trust: Trust, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings = settings
        self._store = store
        self._signing = Signing(settings, store, trust, clock)
        self._clock = clock
        self.visits = Visits(settings, store, self._signing, clock)

    def now(self) -> datetime:
        """The server's time (UTC, aware)."""
        return self._clock()

    # Search and form

    async def search(self, session: Session, typed: Mapping[str, str]) -> Contractor:
        """The contractor of 業者番号 and 商号又は名称, now the form's. Raises Invalid or Refused (login_required)."""
        owner = visits.owner(session)
        # A password is never written down, not even one typed where none belongs.
        kept = {name: value for name, value in typed.items() if name in _SEARCH_KEPT}
        await self._store.update_draft(owner, lambda draft: draft._replace(search=kept), self._clock())
        problems = fields.check_search(typed)
        if problems:
            raise Invalid(problems)
        contractor = await self._match(fields.clean(typed, fields.SEARCH))
        number = contractor.number
        await self._store.update_draft(owner, lambda draft: draft._replace(contractor=number), self._clock())
        return contractor

    async def draft(self, session: Session) -> Draft:
        """What this card's holder has typed so far, as typed. Raises Refused (login_required)."""
        return await self._store.draft(visits.owner(session))

    async def form(self, session: Session) -> Form:
        """The form screen's contents. Raises Refused (login_required, search_required)."""
        draft = await self.draft(session)
        contractor = await self._store.contractor(draft.contractor) if draft.contractor else None
        if contractor is None:
            raise Refused("search_required")
        return Form(contractor, visits.card(session), draft.form)

    async def save_form(self, session: Session, typed: Mapping[str, str]) -> None:
        """Keeps the fields as typed, then checks them. Raises Invalid (kept nevertheless) or Refused."""
        await self.keep_form(session, typed)
        problems = fields.check_form(typed)
        if problems:
            raise Invalid(problems)

    async def keep_form(self, session: Session, typed: Mapping[str, str]) -> None:
        """Keeps the form's fields as typed, unchecked (a person going back loses nothing)."""
        owner = visits.owner(session)
        kept = {field.name: typed[field.name] for field in fields.form_fields() if field.name in typed}
        await self._store.update_draft(owner, lambda draft: draft._replace(form=kept), self._clock())

    # Registration

    async def review(self, session: Session) -> list[Any]:
        """The sections of 登録内容確認, [{label, value: [{label, value}, …]}, …]. Raises Invalid or Refused."""
        return sections.registration_sections(await self._complete_form(session))

    async def begin_registration(self, session: Session) -> StatementRequest:
        """The registration statement to sign, composed from the saved form. Raises Invalid or Refused."""
        form = await self._complete_form(session)
        if await self.registration(session) is not None:
            raise Refused("already_registered")
        payload = sections.registration_payload(form)
        context = {"number": form.contractor.number, "form": form.typed}
        return await self._signing.request(session, REGISTRATION, REGISTRATION_ACTION, payload, context)

    async def finish_registration(self, session: Session, cms: bytes) -> Registration:
        """The stored registration; the identical CMS again gives the same. Raises Refused: then nothing is stored."""
        owner = visits.owner(session)
        try:
            return await self._known(cms, owner) or await self._register(session, cms)
        except Refused as refusal:
            # A double click: the same bytes were on their way already, and only one of the two spent the nonce.
            known = await self._known(cms, owner)
            if known is not None:
                return known
            await self._signing.log(session, REGISTRATION, refusal)
            raise

    async def registration(self, session: Session) -> Registration | None:
        """The registration of the card that logged in, if there is one. Raises Refused (login_required)."""
        return await self._store.registration_of_certificate(visits.owner(session))

    # Inside

    async def _match(self, values: Mapping[str, str]) -> Contractor:
        contractor = await self._store.contractor(values["number"])
        if contractor is None:
            raise Invalid((_search_problem("number", _UNKNOWN_NUMBER),))
        if values["name"] != contractor.name:
            offered = contractor.name if names.same_company(values["name"], contractor.name) else None
            raise Invalid((_search_problem("name", _WRONG_NAME, offered),))
        return contractor

    async def _complete_form(self, session: Session) -> Form:
        form = await self.form(session)
        problems = fields.check_form(form.typed)
        if problems:
            raise Invalid(problems)
        return form._replace(typed=fields.clean(form.typed, fields.form_fields()))

    async def _known(self, cms: bytes, owner: str) -> Registration | None:
        known = await self._store.registration_of_cms(ladder.fingerprint(cms))
        return known if known is not None and known.certificate_sha256 == owner else None

    async def _register(self, session: Session, cms: bytes) -> Registration:
        checked = await self._signing.check(session, cms, REGISTRATION, REGISTRATION_ACTION, session.certificate)
        view = certificate.read(checked.certificate)
        context = checked.context
        contractor = await self._store.contractor(context["number"])
        if contractor is None:  # taken out of the qualification data since the form was opened
            raise Refused("contractor_unknown")
        entry = Entry(
            session=session.id,
            number=contractor.number,
            category="",
            form=context["form"],
            sections=checked.statement.payload["sections"],
            issuer=view.issuer,
            serial=view.serial,
            organization_matches=view.organization is not None
            and names.same_company(view.organization, contractor.name),
            proof=checked,
        )
        agency, now = self.settings.agency, self._clock()
        recipients = (context["form"]["contact_mail"], context["form"]["card_mail"])

        def compose(company_id: str, state: State) -> list[Mail]:
            return letters.registered(agency, contractor.name, company_id, state, recipients, now)

        return await self._store.register(entry, agency.prefix, compose, now)


_SEARCH_KEPT = frozenset({"number", "name", "user_id"})
_UNKNOWN_NUMBER = "この業者番号は資格審査情報にありません。市から通知された業者番号を確かめて入力してください。"
_WRONG_NAME = "資格審査情報に登録されている商号又は名称を入力してください。(株)などは略さず、空白は入れません。"


def _search_problem(name: str, message: str, suggestion: str | None = None) -> Problem:
    label = next(field.label for field in fields.SEARCH if field.name == name)
    return Problem(name, label, message, suggestion)
