"""変更 in a portal without HTTP: its steps, and another card of the same company."""

from __future__ import annotations

from portal.registration.purposes import Purpose
from portal.store import Registration, Session
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World

NEW = {"company_fax": "083-934-2711", "card_person": "南東 三郎"}


async def opened(made: World, card: pki.Card | None = None) -> Session:
    """Logged in for 変更, the form open."""
    session = await made.login(card, Purpose.CHANGE)
    await made.portal.changes.open(session)
    return session


async def change(made: World, typed: dict[str, str], card: pki.Card | None = None) -> Registration:
    session = await opened(made, card)
    form = (await made.portal.changes.open(session)).form.typed
    await made.portal.changes.save(session, {**form, **typed})
    request = await made.portal.changes.begin(session)
    return await made.portal.changes.finish(session, made.signed(request, card))


async def colleague(made: World) -> pki.Card:
    """Another card of the same company, which the agency has accepted."""
    card = made.authority.issue(122)
    await made.register(card)
    await made.store.write(lambda db: db.execute("UPDATE registrations SET state = 'registered'").rowcount)
    return card
