"""変更 through the use cases: what is shown, signed, written and told, and every way off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from portal.refusals import Invalid
from portal.registration.purposes import Purpose
from portal.store import Act, State
from tests.unit.change_world import NEW, change, colleague, opened
from tests.unit.portal_world import FORM, World, refused, world


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    """A portal where the procedure's card is registered."""
    async with world(tmp_path) as opened:
        await opened.register()
        yield opened


async def test_the_form_is_prefilled_with_what_is_in_force(made: World) -> None:
    form = await made.portal.changes.open(await made.login(purpose=Purpose.CHANGE))
    assert form.form.typed == FORM
    assert (form.moved, form.others) == ({}, 0)
    assert form.form.contractor.name == "北東組株式会社"


async def test_what_is_signed_shows_old_and_new_in_the_procedures_order(made: World) -> None:
    session = await opened(made)
    await made.portal.changes.save(session, {**FORM, **NEW})
    request = await made.portal.changes.begin(session)
    assert (request.type, request.action) == ("change", "利用者登録（変更）")
    assert set(request.payload) == {"companyId", "contractor", "sections"}
    assert (request.payload["companyId"], request.payload["contractor"]) == ("9991000000000001", "000000101")
    sections = request.payload["sections"]
    assert [section["label"] for section in sections] == [
        *("企業情報", "代表窓口情報", "ICカード利用部署情報", "ICカード情報")
    ]
    assert [len(section["value"]) for section in sections] == [8, 7, 10, 3]
    changed = [line for section in sections for line in section["value"] if not isinstance(line["value"], str)]
    assert changed == [
        _versions("代表FAX番号", "044-812-86812", "083-934-2711"),
        _versions("連絡先氏名", "日立 次郎", "南東 三郎"),
    ]


def _versions(label: str, old: str, new: str) -> dict[str, Any]:
    return {"label": label, "value": [{"label": "変更前", "value": old}, {"label": "変更後", "value": new}]}


async def test_a_change_is_in_force_with_its_proof_and_the_old_values_in_history(made: World) -> None:
    before = (await made.store.registrations())[0]
    made.wait(days=3)
    session = await opened(made)
    await made.portal.changes.save(session, {**FORM, **NEW})
    request = await made.portal.changes.begin(session)
    cms = made.signed(request)
    after = await made.portal.changes.finish(session, cms)

    assert after.form == {**FORM, **NEW}
    assert (after.company_id, after.state, after.created) == (before.company_id, State.REGISTERED, before.created)
    assert after.changed == made.time
    assert await made.store.stored_cms(after.company_id) == [cms]
    events = await made.store.history(after.company_id)
    assert [(event.act, event.at) for event in events] == [
        (Act.REGISTERED, before.created),
        (Act.CHANGED, made.time),
    ]
    assert events[1].sections == request.payload["sections"]
    assert "044-812-86812" in json.dumps(events[0].sections, ensure_ascii=False)
    assert (await made.portal.changes.open(session)).form.typed == {**FORM, **NEW}


async def test_mails_go_to_the_new_and_the_old_addresses_each_once(made: World) -> None:
    mail = "new@example.co.jp"
    await change(made, {"contact_mail": mail, "contact_mail_again": mail})
    query = "SELECT recipient, subject FROM outbox WHERE subject LIKE '%変更%' ORDER BY id"
    rows = await made.store.read(lambda db: db.execute(query).fetchall())
    assert rows == [
        ("new@example.co.jp", "【山口市電子入札】利用者情報変更完了のお知らせ"),
        (FORM["contact_mail"], "【山口市電子入札】利用者情報変更完了のお知らせ"),
    ]


async def test_the_identical_cms_again_and_a_double_click(made: World) -> None:
    session = await opened(made)
    await made.portal.changes.save(session, {**FORM, **NEW})
    cms = made.signed(await made.portal.changes.begin(session))
    four = await asyncio.gather(*(made.portal.changes.finish(session, cms) for _ in range(4)))
    assert four == [four[0]] * 4
    made.wait(days=1)
    assert await made.portal.changes.finish(await made.login(), cms) == four[0]
    assert [event.act for event in await made.store.history(four[0].company_id)] == [Act.REGISTERED, Act.CHANGED]
    assert await made.count("refusals") == 0


async def test_the_registrations_cms_is_still_known_after_a_change(made: World) -> None:
    (cms,) = await made.store.stored_cms("9991000000000001")
    changed = await change(made, NEW)
    assert await made.portal.registrar.finish(await made.login(), cms) == changed


async def test_the_same_field_rules_hold_and_what_was_typed_stays(made: World) -> None:
    session = await opened(made)
    wrong = {**FORM, "company_fax": "０８３－９３４－２７１１", "contact_person": "髙橋", "card_name": ""}
    with pytest.raises(Invalid) as caught:
        await made.portal.changes.save(session, wrong)
    assert [problem.field for problem in caught.value.problems] == ["company_fax", "contact_person", "card_name"]
    with pytest.raises(Invalid):
        await made.portal.changes.begin(session)
    assert (await made.portal.changes.open(session)).form.typed == wrong


async def test_a_change_as_typed_outlives_session_and_restart(made: World) -> None:
    session = await opened(made)
    await made.portal.changes.keep(session, {**FORM, "card_person": "まだ途中"})
    await made.restart()
    made.wait(hours=2)
    again = await made.portal.changes.open(await made.login(purpose=Purpose.CHANGE))
    assert again.form.typed == {**FORM, "card_person": "まだ途中"}
    assert again.moved == {}


async def test_nothing_changed_is_said_at_the_form_and_never_signed(made: World) -> None:
    session = await opened(made)
    assert await refused(made.portal.changes.save(session, FORM)) == "nothing_changed"
    assert await refused(made.portal.changes.save(session, {**FORM, "card_person": " 日立 次郎 "})) == "nothing_changed"
    assert await refused(made.portal.changes.begin(session)) == "nothing_changed"


async def test_new_qualification_data_are_a_change_by_themselves(made: World) -> None:
    query = "UPDATE contractors SET representative = '日立 三郎' WHERE number = '000000101'"
    await made.store.write(lambda db: db.execute(query).rowcount)
    (registered,) = await made.store.registrations()
    assert registered.contractor.representative == "日立 二郎"  # what was signed stays what is registered
    changed = await change(made, {})
    assert changed.contractor.representative == "日立 三郎"
    (line,) = [
        line
        for section in (await made.store.history(changed.company_id))[-1].sections
        for line in section["value"]
        if not isinstance(line["value"], str)
    ]
    assert line == _versions("代表者氏名", "日立 二郎", "日立 三郎")


async def test_a_company_taken_out_of_the_qualification_data_keeps_what_it_registered(made: World) -> None:
    await made.store.write(lambda db: db.execute("DELETE FROM contractors").rowcount)
    assert (await change(made, NEW)).contractor.name == "北東組株式会社"


async def test_a_change_by_one_card_of_several_changes_the_companys_part_for_all(made: World) -> None:
    card = await colleague(made)
    assert (await made.portal.changes.open(await made.login(card, Purpose.CHANGE))).others == 1
    await change(made, {"contact_person": "窓口 一郎", "card_person": "部署 二郎"})
    _, other = await made.store.registrations_of("9991000000000001")
    assert other.certificate == card.der
    assert (other.form["contact_person"], other.form["card_person"]) == ("窓口 一郎", "日立 次郎")
