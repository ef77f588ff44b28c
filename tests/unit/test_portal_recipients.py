"""Who gets the mail of each occasion: both addresses of a form, those before a change, every card's of the company."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.registration.purposes import Purpose
from portal.registration.rules import RegistrationRules
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, world
from tests.unit.renewal_world import LATER, Desk

WINDOW, DEPARTMENT = "window@example.co.jp", "department@example.co.jp"


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


def addresses(contact: str, card: str) -> dict[str, str]:
    """The form with these two."""
    return {**FORM, "contact_mail": contact, "contact_mail_again": contact, "card_mail": card, "card_mail_again": card}


async def register(
    made: World, contact: str = WINDOW, department: str = DEPARTMENT, card: pki.Card | None = None
) -> None:
    session = await made.login(card)
    await made.portal.search.find(session, SEARCH)
    await made.portal.drafts.save_form(session, addresses(contact, department))
    request = await made.portal.registrar.begin(session)
    await made.portal.registrar.finish(session, made.signed(request, card))


async def sent(made: World, title: str) -> list[str]:
    """Who the mails of this occasion go to, in their order."""
    query = "SELECT recipient FROM outbox WHERE subject = ? ORDER BY id"
    subject = f"【山口市電子入札】{title}"
    return [each for (each,) in await made.store.read(lambda db: db.execute(query, (subject,)).fetchall())]


@pytest.mark.parametrize(
    ("contact", "department", "recipients"),
    [
        (WINDOW, DEPARTMENT, [WINDOW, DEPARTMENT]),
        (WINDOW, WINDOW, [WINDOW]),
        (WINDOW, "window@EXAMPLE.CO.JP", [WINDOW]),
    ],
)
async def test_completion_goes_to_both_addresses_once_if_equal(
    made: World, contact: str, department: str, recipients: list[str]
) -> None:
    await register(made, contact, department)
    assert await sent(made, "利用者登録完了のお知らせ") == recipients


async def test_a_change_goes_to_all_addresses_of_now_and_before(made: World) -> None:
    await register(made)
    session = await made.login(purpose=Purpose.CHANGE)
    await made.portal.changes.open(session)
    await made.portal.changes.save(session, addresses("new-window@example.co.jp", "new-department@example.co.jp"))
    await made.portal.changes.finish(session, made.signed(await made.portal.changes.begin(session)))
    assert await sent(made, "利用者情報変更完了のお知らせ") == [
        *("new-window@example.co.jp", "new-department@example.co.jp"),
        *(WINDOW, DEPARTMENT),
    ]


async def test_a_renewal_goes_to_both_addresses_in_force(made: World) -> None:
    await register(made)
    (registration,) = await made.store.registrations()
    await Desk(made, made.card, made.authority.issue(122, until=LATER), registration).renew()
    assert await sent(made, "ICカード更新完了のお知らせ") == [WINDOW, DEPARTMENT]


async def test_a_claim_is_told_to_the_companys_window_and_to_every_registered_card(made: World) -> None:
    """The claim's own addresses get another mail, and a 仮登録 before it is told nothing of the next one."""
    await register(made)
    made.configure(registration=RegistrationRules())
    for serial in (131, 132):
        claimed = f"claim-{serial}@example.org"
        await register(made, claimed, claimed, made.authority.issue(serial))
    assert await sent(made, "利用者登録の申込みについて確認のお願い") == [WINDOW, DEPARTMENT] * 2
    assert await sent(made, "利用者登録(仮登録)受付のお知らせ") == ["claim-131@example.org", "claim-132@example.org"]
