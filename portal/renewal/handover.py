"""The old card's part of ICカード更新: it signs that another card of the same holder may take its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from portal.refusals import Refused, in_words
from portal.registration import holder
from portal.renewal import payloads
from portal.renewal.examination import Examination
from portal.renewal.payloads import HANDOVER, HANDOVER_ACTION
from portal.renewal.settings import ExpiredCard
from portal.settings import Settings
from portal.signatures import certificate, ladder
from portal.signatures.certificate import CertificateView
from portal.signatures.ladder import Checked
from portal.signatures.signing import Signing, StatementRequest
from portal.store import Session, Store, renewals
from portal.store.renewal_rows import Handover

WORDS: Final = {"certificate_expired": "old_card_expired", "payload_mismatch": "renewal_changed"}


class Handovers:
    """`old` is the certificate (DER) of an expired card: one that cannot log in, where the agency lets it hand over.

    `new` is that of the new card, where the old one has logged in and the new one is in a reader already; the hand-over
    then names it. `category` is the 区分 of an expired card's hand-over; one that logged in did so for its own.
    """

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

    async def card(self, session: Session, old: bytes | None = None) -> CertificateView:
        """The card that would hand over. Raises Refused: login_required, not_registered, old_card_expired, …"""
        if session.certificate is not None:
            owner = holder.owner(session)
            await self._store.read(lambda db: renewals.may_hand_over(db, owner))
            return holder.card(session)
        if old is None:
            raise Refused("login_required")
        return self._expired(old)

    async def review(
        self, session: Session, old: bytes | None = None, new: bytes | None = None, category: str = ""
    ) -> list[Any]:
        """The sections of the hand-over, as shown and signed. Raises Refused."""
        card, division = await self.card(session, old), _category(session, category)
        if new is not None and session.certificate is None:  # a stranger is not told which cards are registered
            raise Refused("login_required")
        named = await self._examination.successor(card, new, division) if new is not None else None
        minutes = self._settings.renewal.handover_minutes
        return payloads.handover_sections(self._settings.agency.name, division, card, named, minutes)

    async def begin(
        self, session: Session, old: bytes | None = None, new: bytes | None = None, category: str = ""
    ) -> StatementRequest:
        """The hand-over to sign. Raises Refused."""
        card = await self.card(session, old)
        payload = {"sections": await self.review(session, old, new, category)}
        named = new.hex() if new is not None else None
        context = {"card": card.sha256, "new": named, "category": _category(session, category)}
        return await self._signing.request(session, HANDOVER, HANDOVER_ACTION, payload, context)

    async def finish(self, session: Session, cms: bytes) -> None:
        """Stores the hand-over, which then waits for the new card; the identical CMS again changes nothing.

        Raises Refused: then nothing is stored.
        """
        await self._signing.settle(
            session, HANDOVER, lambda: self._known(session, cms), lambda: self._accept(session, cms)
        )

    async def _known(self, session: Session, cms: bytes) -> str | None:
        """The SHA-256 of these bytes, when they are a hand-over of this visit already."""
        fingerprint, key = ladder.fingerprint(cms), self._store.session_key(session.id)
        found = await self._store.read(lambda db: renewals.of_handover(db, fingerprint))
        return fingerprint if found is not None and found.session == key else None

    async def _accept(self, session: Session, cms: bytes) -> str:
        await self._store_handover(session, await self._checked(session, cms))
        return ladder.fingerprint(cms)

    async def _checked(self, session: Session, cms: bytes) -> Checked:
        accepts = self._settings.renewal.expired_old_card is ExpiredCard.ACCEPT
        signer = session.certificate
        with in_words(WORDS):
            checked = await self._signing.check(session, cms, HANDOVER, HANDOVER_ACTION, signer, expired=accepts)
        if certificate.fingerprint(checked.certificate) != checked.context["card"]:
            raise Refused("certificate_mismatch", "the hand-over is another card's")
        return checked

    async def _store_handover(self, session: Session, checked: Checked) -> None:
        now, new = self._clock(), checked.context["new"]
        given = Handover(
            proof=checked,
            category=checked.context["category"],
            sections=checked.statement.payload["sections"],
            named=bytes.fromhex(new) if new is not None else None,
            expires=now + timedelta(minutes=self._settings.renewal.handover_minutes),
        )
        await self._store.write(lambda db: renewals.hand_over(db, session.id, given, now))

    def _expired(self, old: bytes) -> CertificateView:
        card = certificate.read(old)
        if self._clock() <= card.not_after:  # a card that is valid logs in
            raise Refused("login_required")
        if self._settings.renewal.expired_old_card is ExpiredCard.REFUSE:
            raise Refused("old_card_expired")
        return card


def _category(session: Session, given: str) -> str:
    return session.category if session.certificate is not None else given
