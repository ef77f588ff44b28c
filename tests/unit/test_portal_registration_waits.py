"""Without revocation data a registration waits: stored, not accepted, and completed by itself when the data comes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.registration.admission import Reason
from portal.registration.purposes import Purpose
from portal.registration.rechecking import rechecking
from portal.registration.rules import Effect, RegistrationRules
from portal.settings import SettingsError, parse_settings
from portal.store import Registration, Session, State
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, refused, world

pytestmark = pytest.mark.usefixtures("either_database")

CARD = 131


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as at:
        at.card = at.authority.issue(CARD, pki.subject("北東組株式会社", "日立 二郎"))
        yield at


def take_lists(made: World) -> None:
    for path in made.trust.folders.crls.glob("*.crl"):
        path.unlink()


def bring_list(made: World, *revoked: int) -> None:
    made.trust.crl(made.authority.crl(*revoked, since=made.time - timedelta(minutes=1), number=9))


async def sign(made: World, session: Session) -> bytes:
    return made.signed(await made.portal.registrar.begin(session))


async def registered_without_a_list(made: World) -> Registration:
    session = await made.ready()
    cms = await sign(made, session)
    take_lists(made)
    found = await made.portal.registrar.finish(session, cms)
    assert await made.portal.registrar.finish(session, cms) == found  # a lost reply is not a second statement
    return found


async def evidence(made: World) -> dict[str, Any]:
    query = "SELECT evidence FROM statements WHERE type = 'registration'"
    (stored,) = await made.store.read(lambda db: db.execute(query).fetchone())
    return dict(json.loads(stored))


async def subjects(made: World) -> list[str]:
    found = await made.store.read(
        lambda db: db.execute("SELECT subject FROM outbox GROUP BY subject ORDER BY min(id)").fetchall()
    )
    return [subject.partition("】")[2] for (subject,) in found]


async def test_a_registration_waits_and_is_completed(made: World) -> None:
    found = await registered_without_a_list(made)
    assert (found.state, [each.reason for each in found.remarks]) == (State.PROVISIONAL, [Reason.REVOCATION_UNKNOWN])
    assert found.identity.value == "R-000001"
    assert (await evidence(made))["revocation"] == "waits"
    assert await made.portal.registrar.recheck() == 0
    made.wait(hours=3)
    bring_list(made)
    assert await made.portal.registrar.recheck() == 1
    (found,) = await made.store.registrations()
    assert (found.state, found.remarks) == (State.REGISTERED, ())
    told = await evidence(made)
    assert "revocation" not in told
    assert (told["receivedAt"], told["verifiedAt"]) == (pki.NOW.isoformat(), made.time.isoformat())
    assert len(told["crls"]) == await made.count("revocation_lists") - 1  # the other one: of the login
    assert await subjects(made) == ["利用者登録(仮登録)受付のお知らせ", "利用者登録完了のお知らせ"]
    assert await made.portal.registrar.recheck() == 0
    inquiry = await made.login(purpose=Purpose.INQUIRY)
    assert inquiry.certificate == made.card.der


async def test_it_outlives_a_restart(made: World) -> None:
    await registered_without_a_list(made)
    await made.restart()
    bring_list(made)
    async with rechecking(made.portal.registrar, 0.01):
        while (await made.store.registrations())[0].state is not State.REGISTERED:
            await made.store.read(lambda db: db.execute("SELECT 1").fetchone())


async def test_a_revoked_card_is_not_completed(made: World) -> None:
    await registered_without_a_list(made)
    bring_list(made, CARD)
    assert await made.portal.registrar.recheck() == 1
    (found,) = await made.store.registrations()
    assert (found.state, [each.reason for each in found.remarks]) == (State.PROVISIONAL, [Reason.CARD_REFUSED])
    assert (await evidence(made))["revocation"] == "waits"
    assert await made.portal.registrar.recheck() == 0
    assert not await made.store.taken(found.number, "")


async def test_another_reason_keeps_it_waiting(made: World) -> None:
    made.card = made.authority.issue(CARD, pki.subject("無関係株式会社", "日立 二郎"))
    await registered_without_a_list(made)
    bring_list(made)
    assert await made.portal.registrar.recheck() == 1
    (found,) = await made.store.registrations()
    assert (found.state, [each.reason for each in found.remarks]) == (State.PROVISIONAL, [Reason.ORGANIZATION_DIFFERS])


async def test_who_was_first_meanwhile_has_the_number(made: World) -> None:
    first = await registered_without_a_list(made)
    bring_list(made)
    await made.register(made.authority.issue(CARD + 1, pki.subject("北東組株式会社", "日立 二郎")))
    assert await made.portal.registrar.recheck() == 1
    found = {each.serial: each for each in await made.store.registrations()}
    assert found[str(CARD + 1)].state is State.REGISTERED
    waiting = found[str(CARD)]
    assert (waiting.reception, waiting.state) == (first.reception, State.PROVISIONAL)
    assert [each.reason for each in waiting.remarks] == [Reason.NUMBER_TAKEN]
    assert "利用者登録の申込みについて確認のお願い" in await subjects(made)  # who has the number learns of it


async def test_whom_a_stale_list_names_does_not_wait(made: World) -> None:
    session = await made.ready()
    cms = await sign(made, session)
    before = made.time - timedelta(days=9)
    made.trust.crl(made.authority.crl(CARD, since=before, until=before + timedelta(days=7)))
    assert await refused(made.portal.registrar.finish(session, cms)) == "certificate_revoked"


async def test_only_a_registration_waits(made: World) -> None:
    await made.register()
    change = await made.login(purpose=Purpose.CHANGE)
    take_lists(made)
    for purpose in Purpose:
        assert await refused(made.login(purpose=purpose)) == "revocation_unavailable"
    assert change.certificate == made.card.der
    assert [each.state for each in await made.store.registrations()] == [State.REGISTERED]


async def test_a_new_card_may_begin_and_finish_without_a_list(made: World) -> None:
    take_lists(made)
    found = await made.register()
    assert (found.state, [each.reason for each in found.remarks]) == (State.PROVISIONAL, [Reason.REVOCATION_UNKNOWN])
    for purpose in (Purpose.CHANGE, Purpose.RENEWAL, Purpose.INQUIRY):
        assert await refused(made.login(made.authority.issue(7), purpose)) == "revocation_unavailable"
    bring_list(made)
    assert await made.portal.registrar.recheck() == 1
    assert [each.state for each in await made.store.registrations()] == [State.REGISTERED]


async def test_what_somebody_typed_is_not_for_a_card_that_cannot_be_checked(made: World) -> None:
    await made.ready()
    take_lists(made)
    assert await refused(made.login()) == "revocation_unavailable"


async def test_a_revoked_card_is_not_let_in_by_a_list_that_has_ended(made: World) -> None:
    before = made.time - timedelta(days=9)
    made.trust.crl(made.authority.crl(CARD, since=before, until=before + timedelta(days=7)))
    assert await refused(made.login()) == "certificate_revoked"


async def test_everything_else_has_to_hold(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    take_lists(made)
    cms = made.signed(request._replace(payload={"sections": []}))
    assert await refused(made.portal.registrar.finish(session, cms)) == "payload_mismatch"
    stranger = pki.Authority(pki.ISSUER, pki.rsa_key("stranger")).issue(CARD)
    assert (
        await refused(made.portal.registrar.finish(session, made.signed(request, stranger))) == "certificate_mismatch"
    )
    assert await made.count("registrations") == 0


async def test_an_agency_may_refuse_instead(made: World) -> None:
    made.configure(registration=RegistrationRules(holder=Effect.WARN, revocation_unknown=Effect.REFUSE))
    session = await made.ready()
    cms = await sign(made, session)
    take_lists(made)
    assert await refused(made.portal.registrar.finish(session, cms)) == "revocation_unavailable"
    bring_list(made)
    assert (await made.portal.registrar.finish(session, cms)).state is State.REGISTERED


def test_it_is_never_only_a_warning(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"registration\.revocation_unknown"):
        parse_settings({"registration": {"revocation_unknown": "warn"}}, tmp_path)
