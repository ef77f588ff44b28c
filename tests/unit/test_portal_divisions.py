"""Registration by 区分 (`registration.scope`): each has its own 企業ID, and a card registers once in each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.refusals import Refused
from portal.registration import divisions
from portal.registration.divisions import DIVISIONS
from portal.registration.purposes import Purpose
from portal.registration.rules import Scope
from portal.renewal.settings import ExpiredCard, RenewalSettings
from portal.signatures.certificate import fingerprint
from portal.store import Owner, State
from tests.procedure.example import SIGNED
from tests.unit.portal_world import FORM, World, refused, world
from tests.unit.renewal_world import EXPIRED, LATER, Desk, expire

WORKS, GOODS = "works", "goods"
LABELS = {WORKS: "工事、コンサル", GOODS: "物品、役務"}


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        rules = replace(opened.portal.settings.registration, scope=Scope.CATEGORY)
        opened.configure(registration=rules)
        yield opened


def lines(sections: Sequence[Any], heading: str) -> dict[str, Any]:
    (found,) = (section["value"] for section in sections if section["label"] == heading)
    return {line["label"]: line["value"] for line in found}


@pytest.mark.parametrize("division", DIVISIONS, ids=lambda each: each.name)
def test_each_division_is_known_by_its_name_where_it_counts(division: divisions.Division) -> None:
    assert divisions.category(Scope.CATEGORY, division.name) == division.name
    assert divisions.label(division.name) == division.label
    assert divisions.category(Scope.AGENCY, division.name) == ""


@pytest.mark.parametrize("name", ["", "other", "工事、コンサル"])
def test_without_a_division_no_category(name: str) -> None:
    with pytest.raises(Refused) as caught:
        divisions.category(Scope.CATEGORY, name)
    assert caught.value.code == "division_required"
    assert divisions.category(Scope.AGENCY, name) == ""


async def test_one_card_registers_once_in_each_division(made: World) -> None:
    works, goods = await made.register(category=WORKS), await made.register(category=GOODS)
    assert (works.state, goods.state) == (State.REGISTERED, State.REGISTERED)
    assert (works.company_id, goods.company_id) == ("9991000000000001", "9991000000000002")
    assert (works.category, goods.category) == (WORKS, GOODS)
    for registration in (works, goods):
        session = await made.login(category=registration.category)
        assert await made.portal.registrar.registration(session) == registration
        assert await refused(made.portal.registrar.begin(session)) == "search_required"  # its draft went with it


async def test_a_registered_card_is_refused_in_its_own_division_alone(made: World) -> None:
    """Two visits were begun before the first of them registered; another division's visit goes on."""
    (first, second), other = [await made.ready(category=WORKS) for _ in range(2)], await made.ready(category=GOODS)
    requests = [(each, await made.portal.registrar.begin(each)) for each in (first, second, other)]
    sent = [made.portal.registrar.finish(each, made.signed(request)) for each, request in requests]
    await sent[0]
    assert await refused(sent[1]) == "already_registered"
    assert (await sent[2]).category == GOODS


async def test_the_number_is_taken_in_its_division_alone(made: World) -> None:
    await made.register(category=WORKS)
    colleague = made.authority.issue(131)
    assert (await made.register(colleague, GOODS)).state is State.REGISTERED
    assert (await made.register(made.authority.issue(132), WORKS)).state is State.PROVISIONAL


async def test_every_statement_names_the_division(made: World) -> None:
    visit = await made.portal.visits.start()
    login = await made.portal.visits.begin_login(visit, Purpose.REGISTRATION, WORKS)
    assert lines(login.payload["sections"], "ログイン")["区分"] == LABELS[WORKS]
    session = await made.ready(category=WORKS)
    sections = (await made.portal.registrar.begin(session)).payload["sections"]
    assert [each["label"] for each in sections] == ["登録区分", *(label for label, _ in SIGNED)]
    assert lines(sections, "登録区分") == {"区分": LABELS[WORKS]}


async def test_a_login_for_one_division_is_none_for_another(made: World) -> None:
    """The window said 工事、コンサル: what it signed opens nothing else."""
    visit = await made.portal.visits.start()
    works = await made.portal.visits.begin_login(visit, Purpose.REGISTRATION, WORKS)
    goods = await made.portal.visits.begin_login(visit, Purpose.REGISTRATION, GOODS)
    crossed = works._replace(nonce=goods.nonce)
    finish = made.portal.visits.finish_login
    assert await refused(finish(visit, Purpose.REGISTRATION, made.signed(crossed))) == "payload_mismatch"
    assert (await finish(visit, Purpose.REGISTRATION, made.signed(works))).category == WORKS


async def test_a_change_is_its_divisions_alone_and_says_so(made: World) -> None:
    works, goods = await made.register(category=WORKS), await made.register(category=GOODS)
    session = await made.login(purpose=Purpose.CHANGE, category=GOODS)
    await made.portal.changes.open(session)
    await made.portal.changes.save(session, {**FORM, "company_department": "総務部"})
    request = await made.portal.changes.begin(session)
    assert lines(request.payload["sections"], "登録区分") == {"区分": LABELS[GOODS]}
    changed = await made.portal.changes.finish(session, made.signed(request))
    assert (changed.company_id, changed.form["company_department"]) == (goods.company_id, "総務部")
    assert await made.store.registration(works.owner) == works


async def test_mails_name_the_division(made: World) -> None:
    await made.register(category=GOODS)
    ((body,),) = await made.store.read(lambda db: db.execute("SELECT body FROM outbox").fetchall())
    assert "区分: 物品、役務" in body.splitlines()


async def test_a_renewal_replaces_the_old_card_in_its_division_alone(made: World) -> None:
    works, goods = await made.register(category=WORKS), await made.register(category=GOODS)
    at = Desk(made, made.card, made.authority.issue(122, until=LATER), works)
    session = await made.login(purpose=Purpose.RENEWAL, category=WORKS)
    request = await at.renewals.handovers.begin(session)
    assert lines(request.payload["sections"], "引継ぎ")["区分"] == LABELS[WORKS]
    await at.renewals.handovers.finish(session, made.signed(request))
    done = await at.renewals.acceptances.finish(session, await at.accept(session))
    assert (done.session.category, done.registration.category) == (WORKS, WORKS)
    assert lines(done.registration.sections, "登録区分") == {"区分": LABELS[WORKS]}
    assert (await made.store.registration(goods.owner)) == goods
    assert await refused(made.login(category=WORKS)) == "card_replaced"
    assert (await made.login(category=GOODS)).category == GOODS


async def test_an_expired_card_hands_over_in_the_division_that_it_is_asked_for(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        rules = replace(made.portal.settings.registration, scope=Scope.CATEGORY)
        renewal = RenewalSettings(expired_old_card=ExpiredCard.ACCEPT)
        made.configure(registration=rules, renewal=renewal)
        made.card = made.authority.issue(until=EXPIRED)
        await made.register(category=WORKS)
        goods = await made.register(category=GOODS)
        at = Desk(made, made.card, made.authority.issue(122, until=LATER), goods)
        expire(made)
        session = await made.portal.visits.start()
        await at.hand_over(session, old=at.old.der, category=GOODS)
        done = await at.renewals.acceptances.finish(session, await at.accept(session))
        assert (done.registration.company_id, done.registration.category) == (goods.company_id, GOODS)
        old = await made.store.registration(Owner(fingerprint(at.old.der), WORKS))
        assert old is not None
        assert old.state is State.REGISTERED


async def test_a_card_of_another_number_is_told_by_issuer_and_serial_within_a_division(made: World) -> None:
    await made.register(category=WORKS)
    again = made.authority.issue(until=LATER)  # a new certificate under the registered one's serial
    session = await made.ready(again, WORKS)
    request = await made.portal.registrar.begin(session)
    assert await refused(made.portal.registrar.finish(session, made.signed(request, again))) == "already_registered"
    assert (await made.register(again, GOODS)).category == GOODS
