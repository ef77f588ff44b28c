"""照会: what a card is told of its registration, its company's other cards, and its own validity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.registration.rules import CardRules
from portal.registration.validity import validity
from portal.signatures import certificate
from portal.store import Act, State
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, world


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


async def test_everything_in_force_for_this_card(made: World) -> None:
    registered = await made.register()
    record = await made.portal.inquiry.record(await made.login(purpose=Purpose.INQUIRY))
    assert record.registration == registered
    assert record.sections == registered.sections
    assert record.others == []
    assert [(done.at, done.act, done.state, done.own) for done in record.done] == [
        (registered.created, Act.REGISTERED, State.REGISTERED, True)
    ]


async def test_other_cards_are_a_number_and_an_expiry_and_nothing_else(made: World) -> None:
    await made.register()
    until = made.time + timedelta(days=30)
    colleague = made.authority.issue(122, pki.subject(holder="秘密 花子"), until=until)
    await made.register(colleague)
    await made.store.write(lambda db: db.execute("UPDATE registrations SET state = 'registered'").rowcount)
    record = await made.portal.inquiry.record(await made.login(purpose=Purpose.INQUIRY))
    (other,) = record.others
    assert (other.days, other.soon, other.expired) == (30, True, False)
    assert "秘密" not in repr(record)
    assert [done.own for done in record.done] == [True, False]


async def test_a_card_that_waits_learns_nothing_of_the_company(made: World) -> None:
    await made.register()
    waiting = made.authority.issue(130, pki.subject("無関係株式会社"))
    await made.register(waiting)
    record = await made.portal.inquiry.record(await made.login(waiting, Purpose.INQUIRY))
    assert record.registration.state is State.PROVISIONAL
    assert record.others == []
    assert [done.own for done in record.done] == [True]


async def test_a_card_without_a_registration(made: World) -> None:
    with pytest.raises(Refused) as caught:
        await made.portal.inquiry.record(await made.login(purpose=Purpose.INQUIRY))
    assert caught.value.code == "not_registered"


LAST = datetime(2026, 12, 20, 14, 59, 59, tzinfo=UTC)  # the last second of that day in Tokyo


@pytest.mark.parametrize(
    ("now", "days", "expired", "soon"),
    [
        (LAST - timedelta(days=61), 61, False, False),
        (LAST - timedelta(days=60), 60, False, True),
        (LAST - timedelta(hours=23), 0, False, True),
        (LAST, 0, False, True),
        (LAST + timedelta(seconds=1), -1, True, False),
        (LAST + timedelta(days=10), -10, True, False),
    ],
)
def test_days_are_counted_as_people_in_japan_count_them(now: datetime, days: int, expired: bool, soon: bool) -> None:
    card = certificate.read(pki.Authority().issue(until=LAST).der)
    assert validity(card, now, CardRules().expiring_days) == ("2026/12/20", days, expired, soon)
