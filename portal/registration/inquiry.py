"""照会: what is registered for the card that logged in, and what was done to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from portal.form import sections
from portal.refusals import Refused
from portal.registration import holder
from portal.registration.validity import Validity, validity
from portal.settings import Settings
from portal.signatures import certificate
from portal.store import Act, Event, Registration, Session, State, Store, officer_log
from portal.store.officer_rows import OfficerAct


class Done(NamedTuple):
    """One accepted act: by this card (`own`) or by another one of the company."""

    at: datetime
    act: Act
    state: State
    own: bool


class Record(NamedTuple):
    """A registration as it stands. `refusal` is why it was refused, if it was.

    `others` are the company's other registered cards, without their holders.
    """

    registration: Registration
    sections: list[Any]
    others: list[Validity]
    done: list[Done]
    refusal: str = ""


class Inquiry:
    """Answers the card that logged in."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self._expiring_days = settings.card.expiring_days
        self._store = store
        self._clock = clock

    async def record(self, session: Session) -> Record:
        """What is registered. Raises Refused (login_required, not_registered)."""
        own = await self._store.registration(holder.owner(session))
        if own is None:
            raise Refused("not_registered")
        shown = sections.registered_sections(own)
        done = [_done(each, own) for each in await self._history(own)]
        refusal = await self._refusal(own) if own.state is State.REFUSED else ""
        return Record(own, shown, await self._others(own), done, refusal)

    async def _refusal(self, own: Registration) -> str:
        return await self._store.read(lambda db: officer_log.reason(db, own.reception, OfficerAct.REFUSED))

    async def _others(self, own: Registration) -> list[Validity]:
        """Nothing of the company is told to a card that it has not accepted."""
        if not own.accepted:
            return []
        cards = await self._store.registrations_of(own.company_id)
        return [self._validity(each) for each in cards if each.state is State.REGISTERED and each.owner != own.owner]

    async def _history(self, own: Registration) -> list[Event]:
        events = await self._store.history(own.company_id)
        return [each for each in events if own.accepted or _by(each, own)]

    def _validity(self, each: Registration) -> Validity:
        return validity(certificate.read(each.certificate), self._clock(), self._expiring_days)


def _done(event: Event, own: Registration) -> Done:
    return Done(event.at, event.act, event.state, _by(event, own))


def _by(event: Event, own: Registration) -> bool:
    return event.certificate_sha256 == own.certificate_sha256
