"""Every door of the portal that takes a statement: a request for one, whose card signs, and where it is handed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from portal.registration.purposes import Purpose
from portal.signatures import certificate
from portal.signatures.signing import StatementRequest
from portal.store import Registration, lookup, officers
from portal.store.officer_rows import OfficerAct, OfficerSession
from portal.store.times import text
from tests.unit import portal_pki as pki
from tests.unit.change_world import NEW, opened
from tests.unit.portal_world import FORM, SEARCH, World


class Asked(NamedTuple):
    """`card`: whose statement it is."""

    request: StatementRequest
    hand_in: Callable[[bytes], Awaitable[object]]
    card: pki.Card


Door = Callable[[World], Awaitable[Asked]]


def _another(made: World) -> pki.Card:
    """A card that has no registration, whatever else a test does."""
    return made.authority.issue(140)


async def _registered(made: World) -> Registration:
    """The registration of the world's own card."""
    found = await made.store.read(lambda db: lookup.by_reception(db, 1))
    return found if found is not None else await made.register()


async def login(made: World) -> Asked:
    session = await made.portal.visits.start()
    request = await made.portal.visits.begin_login(session, Purpose.REGISTRATION, "")
    return Asked(
        request, lambda cms: made.portal.visits.finish_login(session, Purpose.REGISTRATION, cms), _another(made)
    )


async def registration(made: World) -> Asked:
    session = await made.login(_another(made))
    await made.portal.search.find(session, SEARCH)
    await made.portal.drafts.save_form(session, FORM)
    request = await made.portal.registrar.begin(session)
    return Asked(request, lambda cms: made.portal.registrar.finish(session, cms), _another(made))


async def change(made: World) -> Asked:
    await _registered(made)
    session = await opened(made)
    form = (await made.portal.changes.open(session)).form.typed
    await made.portal.changes.save(session, {**form, **NEW})
    request = await made.portal.changes.begin(session)
    return Asked(request, lambda cms: made.portal.changes.finish(session, cms), made.card)


async def handover(made: World) -> Asked:
    await _registered(made)
    session = await made.login(purpose=Purpose.RENEWAL)
    request = await made.portal.renewals.handovers.begin(session)
    return Asked(request, lambda cms: made.portal.renewals.handovers.finish(session, cms), made.card)


async def acceptance(made: World) -> Asked:
    await _registered(made)
    session = await made.login(purpose=Purpose.RENEWAL)
    handed = await made.portal.renewals.handovers.begin(session)
    await made.portal.renewals.handovers.finish(session, made.signed(handed))
    new = made.authority.issue(122)
    await made.portal.renewals.acceptances.announce(session, new.der)
    request = await made.portal.renewals.acceptances.begin(session)
    return Asked(request, lambda cms: made.portal.renewals.acceptances.finish(session, cms), new)


def _officers_card(made: World) -> pki.Card:
    return made.authority.issue(150, pki.subject("山口市"))


async def officers_login(made: World) -> Asked:
    card, now = _officers_card(made), made.time
    view = certificate.read(card.der)
    await made.store.write(lambda db: officers.add(db, "花子", view.issuer, view.serial, None, "test", now))
    visit = await made.portal.officers.start()
    request = await made.portal.officers.begin_login(visit)
    return Asked(request, lambda cms: made.portal.officers.finish_login(visit, cms), card)


async def decision(made: World) -> Asked:
    found = await _registered(made)
    entry = await officers_login(made)
    visit = await entry.hand_in(made.signed(entry.request, entry.card))
    assert isinstance(visit, OfficerSession)
    officer = visit.officer
    assert officer is not None
    shown = {"reception": str(found.reception), "basis": found.cms_sha256, "state": found.state.value}
    given = {**shown, "changed": text(found.changed), "reason": "理由"}
    await made.portal.decisions.prepare(visit, OfficerAct.STOPPED.value, given)
    asked = await made.portal.decisions.chosen(visit, given["reception"])
    assert asked is not None
    request = await made.portal.decisions.begin(visit, asked.shown)
    return Asked(request, lambda cms: made.portal.decisions.finish(visit, officer, cms), entry.card)


async def example(made: World) -> Asked:
    return Asked(made.portal.trial.request(), made.portal.trial.check, made.card)


DOORS: dict[str, Door] = {
    "portal/registration/visits.py": login,
    "portal/registration/registrar.py": registration,
    "portal/registration/change.py": change,
    "portal/renewal/handover.py": handover,
    "portal/renewal/acceptance.py": acceptance,
    "portal/officers/visits.py": officers_login,
    "portal/officers/decisions.py": decision,
    "portal/trial.py": example,
}
"""By the module that takes the statement: whoever adds one adds it here, or a test fails."""
LOGINS = (login, officers_login)
