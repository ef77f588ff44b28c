"""変更 that must not happen: another card's change meanwhile, no registration, another statement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.store import Registration, State
from tests.unit.change_world import NEW, change, colleague, opened
from tests.unit.portal_world import FORM, World, refused, world


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    """A portal where the procedure's card is registered."""
    async with world(tmp_path) as opened:
        await opened.register()
        yield opened


async def test_another_cards_change_meanwhile_is_not_overwritten(made: World) -> None:
    card = await colleague(made)
    mine = await opened(made)
    await made.portal.changes.keep(mine, {**FORM, "company_fax": "083-934-2711", "contact_fax": "083-934-2712"})
    await change(made, {"company_phone": "083-000-0001", "contact_fax": "083-000-0002"}, card)

    typed = {**FORM, "company_fax": "083-934-2711", "contact_fax": "083-934-2712"}
    assert await refused(made.portal.changes.save(mine, typed)) == "changed_meanwhile"
    assert await refused(made.portal.changes.begin(mine)) == "changed_meanwhile"
    again = await made.portal.changes.open(mine)
    # what I left alone follows, what I typed stays, and both are named with their old values
    assert again.form.typed == {**typed, "company_phone": "083-000-0001"}
    assert again.moved == {"company_phone": "044-812-73582", "contact_fax": "044-812-86812"}
    assert (await made.portal.changes.open(mine)).moved == again.moved  # a reloaded page says it again
    await made.portal.changes.save(mine, again.form.typed)
    done = await made.portal.changes.finish(mine, made.signed(await made.portal.changes.begin(mine)))
    assert done.form == again.form.typed
    assert (await made.portal.changes.open(mine)).moved == {}


async def test_another_cards_change_between_signing_and_sending(made: World) -> None:
    card = await colleague(made)
    mine = await opened(made)
    await made.portal.changes.save(mine, {**FORM, **NEW})
    cms = made.signed(await made.portal.changes.begin(mine))
    theirs = await change(made, {"company_phone": "083-000-0001"}, card)
    assert await refused(made.portal.changes.finish(mine, cms)) == "changed_meanwhile"
    assert await made.store.registration(theirs.owner) == theirs
    assert (await made.portal.changes.open(mine)).form.typed == {**FORM, **NEW, "company_phone": "083-000-0001"}


async def test_two_cards_at_once_one_wins_and_the_other_is_told(made: World) -> None:
    card = await colleague(made)
    first, second = await opened(made), await opened(made, card)
    await made.portal.changes.save(first, {**FORM, "company_fax": "083-000-0001"})
    await made.portal.changes.save(second, {**FORM, "company_fax": "083-000-0002"})
    one = made.signed(await made.portal.changes.begin(first))
    two = made.signed(await made.portal.changes.begin(second), card)
    results = await asyncio.gather(
        made.portal.changes.finish(first, one), made.portal.changes.finish(second, two), return_exceptions=True
    )
    (code,) = [result.code for result in results if isinstance(result, Refused)]
    (done,) = [result for result in results if isinstance(result, Registration)]
    assert code == "changed_meanwhile"
    assert {each.form["company_fax"] for each in await made.store.registrations()} == {done.form["company_fax"]}


async def test_a_provisional_card_corrects_itself_alone_and_still_waits(made: World) -> None:
    card = made.authority.issue(122)
    await made.register(card)
    done = await change(made, {"contact_person": "窓口 一郎", "card_person": "部署 二郎"}, card)
    assert (done.state, done.form["contact_person"]) == (State.PROVISIONAL, "窓口 一郎")
    ((signed,),) = await made.store.read(
        lambda db: db.execute("SELECT body FROM outbox WHERE subject LIKE '%変更完了%'").fetchall()
    )
    assert "受付番号: R-000002" in signed
    assert done.company_id not in signed
    registered = (await made.store.registrations_of(done.company_id))[0]
    assert (registered.state, registered.form) == (State.REGISTERED, FORM)
    assert (await made.portal.changes.open(await made.login(card))).others == 0


async def test_a_card_without_a_registration(made: World) -> None:
    session = await made.login(made.authority.issue(122), Purpose.CHANGE)
    for waiting in (
        made.portal.changes.open(session),
        made.portal.changes.keep(session, FORM),
        made.portal.changes.begin(session),
        made.portal.changes.made(session),
    ):
        assert await refused(waiting) == "not_registered"


async def test_without_login_nothing_goes(made: World) -> None:
    session = await made.portal.visits.start()
    for waiting in (
        made.portal.changes.open(session),
        made.portal.changes.keep(session, FORM),
        made.portal.changes.save(session, FORM),
        made.portal.changes.begin(session),
        made.portal.changes.finish(session, b""),
        made.portal.changes.made(session),
    ):
        assert await refused(waiting) == "login_required"


async def test_a_card_replaced_between_signing_and_sending(made: World) -> None:
    session = await opened(made)
    await made.portal.changes.save(session, {**FORM, **NEW})
    cms = made.signed(await made.portal.changes.begin(session))
    await made.store.write(lambda db: db.execute("UPDATE registrations SET state = 'replaced'").rowcount)
    assert await refused(made.portal.changes.finish(session, cms)) == "card_replaced"


async def test_a_registration_statement_is_no_change(made: World) -> None:
    session = await opened(made)
    await made.portal.changes.save(session, {**FORM, **NEW})
    request = await made.portal.changes.begin(session)
    cases = {
        "statement_type": made.signed(request, type="registration"),
        "action_mismatch": made.signed(request, action="利用者登録（登録）"),
        "payload_mismatch": made.signed(request, payload={**request.payload, "companyId": "9991000000000002"}),
        "certificate_mismatch": made.signed(request, made.authority.issue(122)),
    }
    for code, cms in cases.items():
        assert await refused(made.portal.changes.finish(session, cms)) == code
    assert (await made.store.registrations())[0].form == FORM
    assert (await made.portal.changes.finish(session, made.signed(request))).form == {**FORM, **NEW}


async def test_only_a_change_is_a_completed_change(made: World) -> None:
    session = await made.login(purpose=Purpose.CHANGE)
    assert await made.portal.changes.made(session) is None
    changed = await change(made, NEW)
    assert await made.portal.changes.made(session) == changed
