"""登録: from a complete form to a stored registration, by a statement that the card signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from portal.form import sections
from portal.form.drafts import Drafts
from portal.form.sections import division_lines
from portal.mail import letters
from portal.mail.letters import About
from portal.officers import notifying
from portal.refusals import Refused
from portal.registration import admission, holder
from portal.registration.admission import UNCHECKED
from portal.registration.rules import Effect, RegistrationRules
from portal.settings import Settings
from portal.signatures import certificate
from portal.signatures.ladder import Checked
from portal.signatures.signing import Signing, StatementRequest
from portal.signatures.trust import Evidence
from portal.store import (
    Contractor,
    Entry,
    Mail,
    Outcome,
    Registration,
    Session,
    State,
    Store,
    contractors,
    registrations,
)
from portal.store.database import Database
from portal.store.registrations import Compose

REGISTRATION = "registration"
REGISTRATION_ACTION = "利用者登録（登録）"
_NO_ANSWER = frozenset({"revocation_unavailable", "verification_timeout"})


class Registrar:
    """Registers the card that logged in."""

    def __init__(
        self, settings: Settings, store: Store, signing: Signing, drafts: Drafts, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._store = store
        self._signing = signing
        self._drafts = drafts
        self._clock = clock

    async def registration(self, session: Session) -> Registration | None:
        """The registration of the card that logged in, if there is one; a refused one is none.

        Raises Refused (login_required).
        """
        found = await self._store.registration(holder.owner(session))
        return None if found is None or found.state is State.REFUSED else found

    async def begin(self, session: Session) -> StatementRequest:
        """The registration statement to sign, composed from the saved form. Raises Invalid or Refused."""
        form = await self._drafts.complete_form(session)
        if await self.registration(session) is not None:
            raise Refused("already_registered")
        payload = sections.registration_payload(form)
        context = {"number": form.contractor.number, "form": form.typed, "user_id": form.user_id}
        return await self._signing.request(session, REGISTRATION, REGISTRATION_ACTION, payload, context)

    async def finish(self, session: Session, cms: bytes) -> Registration:
        """The stored registration; the identical CMS again gives the same. Raises Refused: then nothing is stored."""
        waits = self._settings.registration.revocation_unknown is Effect.REVIEW
        return await self._signing.once(session, REGISTRATION, REGISTRATION_ACTION, cms, self._register, waits=waits)

    async def recheck(self) -> int:
        """Looks again at the cards that could not be checked for revocation when they registered; how many it settled.

        One that holds is registered as it would have been then; of one that does not, the agency has to say no.
        """
        settled = 0
        for waiting in await self._store.read(registrations.unchecked):
            try:
                found = await self._signing.believe(waiting.certificate)
            except Refused as refusal:
                if refusal.code in _NO_ANSWER:
                    continue
                settled += await self._settle(waiting, None)
            else:
                settled += await self._settle(waiting, found)
        return settled

    async def _settle(self, waiting: Registration, found: Evidence | None) -> bool:
        compose, now = self._composer(waiting.contractor, waiting.category, waiting.form), self._clock()
        proof = None if found is None else (found.record(), found.data())
        return await self._store.write(lambda db: registrations.settle(db, waiting.owner, proof, compose, now))

    def _register(self, session: Session, checked: Checked) -> Callable[[Database], Registration]:
        settings, now = self._settings, self._clock()

        def job(db: Database) -> Registration:
            contractor = contractors.find(db, checked.context["number"])
            if contractor is None:  # taken out of the qualification data since the form was opened
                raise Refused("contractor_unknown")
            entry = _entry(session, checked, contractor, settings.registration)
            compose = self._composer(contractor, entry.category, entry.form)
            return registrations.register(db, entry, settings.agency.prefix, compose, now)

        return job

    def _composer(self, contractor: Contractor, category: str, form: Mapping[str, str]) -> Compose:
        agency, now = self._settings.agency, self._clock()
        recipients = (form["contact_mail"], form["card_mail"])

        def compose(outcome: Outcome) -> list[Mail]:
            division = division_lines(category)
            theirs = About(contractor.name, (*division, outcome.identity))
            # Those who hold the number know its 企業ID; by the other number they can ask about the claim.
            known = (*division, ("企業ID", outcome.company_id), ("申込みの受付番号", outcome.reception))
            return [
                *letters.registered(agency, theirs, outcome, recipients, now),
                *letters.claimed(agency, About(contractor.name, known), outcome.contacts, now),
                *notifying.arrived(self._settings, contractor, category, outcome, now),
            ]

        return compose


def _entry(session: Session, checked: Checked, contractor: Contractor, rules: RegistrationRules) -> Entry:
    view = certificate.read(checked.certificate)
    return Entry(
        session=session.id,
        contractor=contractor,
        category=session.category,
        form=checked.context["form"],
        remarks=(
            *admission.admissible(view, contractor.name, contractor.representative, rules),
            *([UNCHECKED] if checked.waits else []),
        ),
        sections=checked.statement.payload["sections"],
        issuer=view.issuer,
        serial=view.serial,
        proof=checked,
        user_id=checked.context["user_id"],
    )
