"""変更: the holder of a registered card changes what is registered, by a statement that shows old and new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from portal.form import differences, fields, sections
from portal.form.sections import Form
from portal.mail import letters
from portal.mail.letters import About
from portal.officers import notifying
from portal.refusals import Invalid, Refused
from portal.registration import holder
from portal.settings import Settings
from portal.signatures import certificate
from portal.signatures.ladder import Checked
from portal.signatures.signing import Signing, StatementRequest
from portal.store import (
    RECEPTION,
    Act,
    Change,
    ChangeDraft,
    Contractor,
    Identity,
    InForce,
    Mail,
    Registration,
    Session,
    State,
    Store,
    changes,
)
from portal.store.database import Database

CHANGE = "change"
CHANGE_ACTION = "利用者登録（変更）"


class Opened(NamedTuple):
    """The form of a change: `moved` are fields that another card changed since, with their old values; `others` is the
    number of other registered cards of the company, whose 企業情報 and 代表窓口情報 these are too."""

    registration: Registration
    form: Form
    moved: dict[str, str]
    others: int


class Changes:
    """Changes of the card that logged in. Every method raises Refused: login_required, not_registered."""

    def __init__(self, settings: Settings, store: Store, signing: Signing, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._store = store
        self._signing = signing
        self._clock = clock

    async def open(self, session: Session) -> Opened:
        """The form, prefilled with what is in force or as typed so far."""
        registration, draft = await self._store.take_up_change(holder.owner(session), self._clock())
        form = await self._form(registration, draft.form)
        return Opened(registration, form, draft.moved, await self.others(registration))

    async def others(self, registration: Registration) -> int:
        """How many other registered cards of the company share its own fields; none while this one waits."""
        if registration.state is not State.REGISTERED:
            return 0
        cards = await self._store.registrations_of(registration.company_id)
        return sum(each.state is State.REGISTERED and each.owner != registration.owner for each in cards)

    async def keep(self, session: Session, typed: Mapping[str, str]) -> None:
        """Keeps the fields as typed, unchecked."""
        kept = {field.name: typed[field.name] for field in fields.form_fields() if field.name in typed}
        await self._store.keep_change(holder.owner(session), kept, self._clock())

    async def save(self, session: Session, typed: Mapping[str, str]) -> None:
        """Keeps the fields, then checks them. Raises Invalid or Refused (changed_meanwhile, nothing_changed); kept."""
        await self.keep(session, typed)
        await self._pending(session)
        await self._store.settle_change(holder.owner(session), self._clock())

    async def begin(self, session: Session) -> StatementRequest:
        """The change statement to sign. Raises Invalid or Refused (changed_meanwhile, nothing_changed)."""
        registration, after = await self._pending(session)
        shown = _shown(registration, after)
        payload = sections.change_payload(registration, after.contractor, shown)
        before = InForce(registration.contractor, registration.form)
        context = {"before": _plain(before), "after": _plain(after), "identity": registration.identity}
        return await self._signing.request(session, CHANGE, CHANGE_ACTION, payload, context)

    async def finish(self, session: Session, cms: bytes) -> Registration:
        """The changed registration; the identical CMS again gives the same. Raises Refused: then nothing is stored."""
        return await self._signing.once(session, CHANGE, CHANGE_ACTION, cms, self._write)

    async def made(self, session: Session) -> Registration | None:
        """The registration as the card's last statement changed it; None when that was no change."""
        found = await self._store.registration(holder.owner(session))
        if found is None:
            raise Refused("not_registered")
        if found.state is State.REFUSED:
            return None
        events = await self._store.history(found.company_id)
        changed = any(event.act is Act.CHANGED and event.cms_sha256 == found.cms_sha256 for event in events)
        return found if changed else None

    # Inside

    async def _pending(self, session: Session) -> tuple[Registration, InForce]:
        """The registration and what it is to become. Raises Invalid or Refused."""
        owner = holder.owner(session)
        registration, draft = await self._store.registration(owner), await self._store.change_draft(owner)
        if registration is None:
            raise Refused("not_registered")
        if registration.state is State.REFUSED:
            raise Refused("registration_refused")
        if draft is None:
            raise Refused("nothing_changed", "no form was opened")
        if draft.base != registration.form:
            raise Refused("changed_meanwhile")
        return registration, await self._after(registration, draft)

    async def _after(self, registration: Registration, draft: ChangeDraft) -> InForce:
        form = await self._form(registration, fields.clean(draft.form, fields.form_fields()))
        problems = fields.check_form(draft.form, form.contractor.name)
        if problems:
            raise Invalid(problems)
        after = InForce(form.contractor, form.typed)
        if not differences.changed_labels(_shown(registration, after)):
            raise Refused("nothing_changed")
        return after

    async def _form(self, registration: Registration, typed: dict[str, str]) -> Form:
        """企業情報 comes from the qualification data; from what is registered when it is no longer there."""
        contractor = await self._store.contractor(registration.number) or registration.contractor
        return Form(contractor, certificate.read(registration.certificate), typed, category=registration.category)

    def _write(self, session: Session, checked: Checked) -> Callable[[Database], Registration]:
        before, after = (_in_force(checked.context[name]) for name in ("before", "after"))
        now = self._clock()
        change = Change(
            session=session.id,
            owner=holder.owner(session),
            before=before,
            after=after,
            sections=checked.statement.payload["sections"],
            proof=checked,
            mails=self._mails(session.category, Identity(*checked.context["identity"]), before, after),
        )
        return lambda db: changes.write(db, change, now)

    def _mails(self, category: str, identity: Identity, before: InForce, after: InForce) -> list[Mail]:
        """To the new addresses and to the ones before; of a 仮登録 to the officers as well."""
        recipients = [each.form[name] for each in (after, before) for name in ("contact_mail", "card_mail")]
        about, now = About(after.contractor.name, (*sections.division_lines(category), identity)), self._clock()
        mails = letters.changed(self._settings.agency, about, recipients, now)
        if identity.label == RECEPTION:  # it waits, and whoever decides may have read it already
            mails += notifying.corrected(self._settings, after.contractor, category, identity.value, now)
        return mails


def _shown(registration: Registration, after: InForce) -> list[Any]:
    view = certificate.read(registration.certificate)
    new = sections.registration_sections(Form(after.contractor, view, after.form, category=registration.category))
    return differences.compared(sections.registered_sections(registration), new)


def _plain(state: InForce) -> dict[str, Any]:
    return {"contractor": state.contractor._asdict(), "form": state.form}


def _in_force(plain: Mapping[str, Any]) -> InForce:
    return InForce(Contractor(**plain["contractor"]), plain["form"])
