"""Decisions as officers take them in tests: the registration's page, the confirmation, the card."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from portal.store import Registration, State
from portal.web.officers import deciding
from tests.flow.officer_site import AtWork
from tests.flow.portal_site import Page
from tests.unit.portal_world import World

WHY = "委任状を確認できません。\n担当課へ提出してください。"


def typed(page: Page, reason: str = "") -> dict[str, str]:
    """A decision's form as the registration's page holds it."""
    fields = {
        name: page.html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("basis", "state", "changed")
    }
    return {**fields, "reason": reason}


async def confirm(officer: AtWork, reception: str, act: str, reason: str = "") -> Page:
    page = await officer.get(f"/officers/registrations/{reception}")
    return await officer.submit(f"/officers/registrations/{reception}/decision/{act}", typed(page, reason))


async def sign(officer: AtWork, page: Page) -> tuple[int, Any]:
    request = await officer.begin(deciding.BEGIN, {"shown": page.data("shown")})
    return await officer.finish(deciding.FINISH, request)


async def decide(officer: AtWork, reception: str, act: str, reason: str = "") -> Page:
    status, answer = await sign(officer, await confirm(officer, reception, act, reason))
    assert status == 200, answer
    return await officer.get(answer["next"])


async def stands(made: World, registration: Registration) -> State:
    found = await made.store.registration(registration.owner)
    assert found is not None
    return found.state


async def mails(made: World) -> list[tuple[str, str, str]]:
    query = "SELECT recipient, subject, body FROM outbox ORDER BY id"
    return await made.store.read(lambda db: db.execute(query).fetchall())


def body(message: EmailMessage) -> str:
    return str(message.get_content())
