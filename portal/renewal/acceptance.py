"""The new card's part of ICカード更新: it takes the old one's place by a statement that holds the hand-over's hash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from portal.form import sections
from portal.form.sections import Form, division_lines
from portal.mail import letters
from portal.mail.letters import About
from portal.refusals import Refused, in_words
from portal.registration import holder
from portal.renewal import payloads, rules
from portal.renewal.examination import Examination
from portal.renewal.payloads import ACCEPTANCE, ACCEPTANCE_ACTION
from portal.settings import Settings
from portal.signatures import certificate, ladder
from portal.signatures.certificate import CertificateView
from portal.signatures.ladder import Checked
from portal.signatures.signing import Signing, StatementRequest
from portal.store import Owner, Registration, Session, Store, registrations, renewals
from portal.store.renewal_rows import Renewal, Succession, Visit

WORDS: Final = {"certificate_mismatch": "new_card_changed", "payload_mismatch": "renewal_changed"}


class Exchange(NamedTuple):
    """A hand-over that waits: the old card, until when, and the new card once one was examined."""

    old: CertificateView
    expires: datetime
    new: CertificateView | None


class Pair(NamedTuple):
    """Two cards that may change places."""

    old: CertificateView
    new: CertificateView

    @property
    def outlives(self) -> bool:
        """Whether the new card is valid beyond the old one."""
        return rules.outlives(self.old, self.new)


class Review(NamedTuple):
    """What the new card is asked to sign, and whose places change."""

    pair: Pair
    sections: list[Any]


class Done(NamedTuple):
    """The new card's visit and registration."""

    session: Session
    registration: Registration


class Acceptances:
    """From a hand-over that waits to the new card's registration."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        signing: Signing,
        examination: Examination,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._store = store
        self._signing = signing
        self._examination = examination
        self._clock = clock

    async def waiting(self, session: Session) -> Exchange | None:
        """The exchange that this visit could go on with, if there is one."""
        try:
            return await self.exchange(session)
        except Refused:
            return None

    async def exchange(self, session: Session) -> Exchange:
        """Where this visit's renewal stands. Raises Refused: handover_required, …_expired, …_elsewhere."""
        return _exchange(await self._waiting(session))

    async def announce(self, session: Session, new: bytes) -> Pair:
        """The card now in the reader is to be the new one. Raises Refused: why it cannot."""
        waiting = await self._waiting(session)
        old = certificate.read(waiting.certificate)
        card = await self._examination.successor(old, new, waiting.category)
        if waiting.named and waiting.announced != new:
            raise Refused("new_card_not_named")
        await self._store.write(lambda db: renewals.announce(db, waiting.owner, new))
        return Pair(old, card)

    async def review(self, session: Session) -> Review:
        """What is confirmed and signed. Raises Refused: those of `exchange`, or new_card_required."""
        return await self._review(await self._waiting(session))

    async def begin(self, session: Session) -> StatementRequest:
        """The acceptance to sign, by the card that was announced. Raises Refused."""
        waiting = await self._waiting(session)
        review = await self._review(waiting)
        payload = payloads.acceptance_payload(waiting.handover, review.sections)
        context = {"handover": waiting.handover, "old": waiting.owner._asdict()}
        return await self._signing.request(session, ACCEPTANCE, ACCEPTANCE_ACTION, payload, context)

    async def finish(self, session: Session, cms: bytes) -> Done:
        """The new card registered, the old one shut out; the identical CMS again gives the same registration.

        Raises Refused: then nothing has changed.
        """
        return await self._signing.settle(
            session, ACCEPTANCE, lambda: self._again(session, cms), lambda: self._accept(session, cms)
        )

    async def done(self, session: Session) -> tuple[Registration, Registration]:
        """The registrations of the card that logged in and of the one before it. Raises Refused (not_renewed)."""
        owner = holder.owner(session)
        new = await self._store.registration(owner)
        old = await self._store.read(lambda db: renewals.predecessor(db, owner))
        if new is None or old is None:
            raise Refused("not_renewed")
        return new, old

    # Inside

    async def _waiting(self, session: Session) -> Renewal:
        """The hand-over that this visit may go on with."""
        found = await self._of_visit(session)
        if found is None or found.acceptance is not None:
            raise Refused("handover_required")
        if found.expires <= self._clock():
            raise Refused("handover_expired")
        key = self._store.session_key(session.id)
        if found.session != key:
            await self._take_up(session, found)
        return found._replace(session=key)

    async def _of_visit(self, session: Session) -> Renewal | None:
        if session.certificate is None:  # an expired card hands over without a login
            key = self._store.session_key(session.id)
            return await self._store.read(lambda db: renewals.of_visit(db, key))
        owner = holder.owner(session)
        return await self._store.read(lambda db: renewals.of_card(db, owner))

    async def _take_up(self, session: Session, found: Renewal) -> None:
        """A visit that the old card began after it had handed over goes on; one that was open beside it does not."""
        if session.created <= found.signed:
            raise Refused("handover_elsewhere")
        await self._store.write(lambda db: renewals.take_up(db, session.id, found.owner))

    async def _review(self, waiting: Renewal) -> Review:
        exchange = _exchange(waiting)
        if exchange.new is None:
            raise Refused("new_card_required")
        registration = await self._store.read(lambda db: renewals.may_hand_over(db, waiting.owner))
        pair = Pair(exchange.old, exchange.new)
        return Review(pair, payloads.acceptance_sections(*pair, registration))

    async def _accept(self, session: Session, cms: bytes) -> Done:
        announced = (await self._waiting(session)).announced
        if announced is None:
            raise Refused("new_card_required")
        checked = await self._checked(session, cms, announced)
        given, now = await self._succession(session, checked), self._clock()
        return await self._done(await self._store.write(lambda db: renewals.succeed(db, given, now)))

    async def _checked(self, session: Session, cms: bytes, announced: bytes) -> Checked:
        with in_words(WORDS):
            return await self._signing.check(session, cms, ACCEPTANCE, ACCEPTANCE_ACTION, announced)

    async def _succession(self, session: Session, checked: Checked) -> Succession:
        old, view = Owner(**checked.context["old"]), certificate.read(checked.certificate)
        registration = await self._store.read(lambda db: renewals.may_hand_over(db, old))
        contractor, form = registration.contractor, registration.form
        recipients = (form["contact_mail"], form["card_mail"])
        named = (*division_lines(registration.category), ("企業ID", registration.company_id))
        agency, now = self._settings.agency, self._clock()
        return Succession(
            visit=self._visit(session),
            predecessor=old,
            handover=checked.context["handover"],
            issuer=view.issuer,
            serial=view.serial,
            signed=checked.statement.payload["sections"],
            sections=sections.registration_sections(Form(contractor, view, form, category=old.category)),
            proof=checked,
            mails=letters.renewed(agency, About(contractor.name, named), recipients, now),
        )

    async def _again(self, session: Session, cms: bytes) -> Done | None:
        """What this acceptance has done already, for its own visit: that of before, or the new card's."""
        fingerprint, key = ladder.fingerprint(cms), self._store.session_key(session.id)
        found = await self._store.read(lambda db: renewals.of_acceptance(db, fingerprint))
        if found is None or found.announced is None:
            return None
        if session.certificate == found.announced:
            return await self._done(session)
        if found.session != key:
            return None
        new, category, visit = found.announced, found.category, self._visit(session)
        return await self._done(await self._store.write(lambda db: renewals.go_on(db, new, category, visit)))

    def _visit(self, session: Session) -> Visit:
        now, limits = self._clock(), self._settings.limits
        until, asks_until = (now + timedelta(minutes=m) for m in (limits.session_minutes, limits.nonce_minutes))
        return Visit(session.id, session.created, session.extended, until, asks_until)

    async def _done(self, visit: Session) -> Done:
        owner = holder.owner(visit)
        return Done(visit, await self._store.read(lambda db: registrations.existing(db, owner)))


def _exchange(waiting: Renewal) -> Exchange:
    new = certificate.read(waiting.announced) if waiting.announced is not None else None
    return Exchange(certificate.read(waiting.certificate), waiting.expires, new)
