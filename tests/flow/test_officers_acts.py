"""Who, when, what: every address that changes something for officers leaves its line, and no other changes anything."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiohttp import hdrs, web

from portal.signatures.signing import StatementRequest
from portal.store import Mail, outbox, times
from portal.web.officers import board, deciding, door, logbook, looking, mails, routes
from portal.web.officers import session as own
from tests.flow.officer_decisions import WHY, confirm
from tests.flow.officer_site import NAME, AtWork, waiting
from tests.flow.officer_site import officer as officer
from tests.flow.portal_site import Page
from tests.unit.portal_world import World

STOP = {"ja": "停止しています。", "en": "Stopped.", "sure": "yes"}
AS_YOU_GO = frozenset({"nonces", "officer_sessions", "sqlite_sequence"})
"""What is written of a visit itself, and of statements that were asked for and not yet signed."""


@dataclass
class Walk:
    """An officer on the way through every address."""

    officer: AtWork
    reception: str
    request: StatementRequest | None = None
    page: Page | None = None

    async def submit(self, path: str, given: dict[str, str]) -> None:
        page = await self.officer.submit(path, given)
        assert page.status == 200, page.text

    async def once(self, path: str) -> dict[str, str]:
        page = await self.officer.get(path)
        return {"once": str(re.findall(r'name="once" value="([0-9a-f]+)"', page.html)[0])}

    async def finish(self, path: str) -> None:
        assert self.request is not None
        status, answer = await self.officer.finish(path, self.request)
        assert status == 200, answer
        await self.officer.get(answer["next"])


async def _ask_login(walk: Walk) -> None:
    await walk.officer.get(door.LOGIN)
    walk.request = await walk.officer.begin(door.BEGIN, {})


async def _confirm(walk: Walk) -> None:
    walk.page = await confirm(walk.officer, walk.reception, "refused", WHY)
    assert walk.page.status == 200


async def _ask_decision(walk: Walk) -> None:
    assert walk.page is not None
    walk.request = await walk.officer.begin(deciding.BEGIN, {"shown": walk.page.data("shown")})


async def _send_again(walk: Walk) -> None:
    await walk.submit(mails.AGAIN.format(id=1), await walk.once(mails.MAIL.format(id=1)))


async def _post_news(walk: Walk) -> None:
    await walk.submit(board.NEWS, {**await walk.once(board.NOTICES), "day": "2026-11-24", "text": "点検"})


class Act(NamedTuple):
    """What is done at an address; the line that it leaves, or None; whether the officer's card signs for it."""

    do: Callable[[Walk], Awaitable[None]]
    line: str | None
    signed: bool = False


ACTS: dict[str, Act] = {  # in an order that can be walked
    door.BEGIN: Act(_ask_login, None),
    door.FINISH: Act(lambda walk: walk.finish(door.FINISH), "login", signed=True),
    deciding.CHOICE: Act(_confirm, None),
    deciding.BEGIN: Act(_ask_decision, None),
    deciding.FINISH: Act(lambda walk: walk.finish(deciding.FINISH), "refused", signed=True),
    mails.AGAIN: Act(_send_again, "mail_again"),
    board.NEWS: Act(_post_news, "news_posted"),
    board.NEWS_REMOVE: Act(lambda walk: walk.submit(board.NEWS_REMOVE.format(id=1), {}), "news_removed"),
    board.DAYS: Act(lambda walk: walk.submit(board.DAYS, {"day": "2026-11-25", "kind": "closed"}), "day_set"),
    board.EMERGENCY: Act(lambda walk: walk.submit(board.EMERGENCY, STOP), "emergency_begun"),
    board.LIFT: Act(lambda walk: walk.submit(board.LIFT, {}), "emergency_lifted"),
    door.END: Act(lambda walk: walk.submit(door.END, {}), "logout"),
}
"""Every address of officers that takes anything but a GET. A new one has to be here, with its line."""
SEEN = {"reception": "R-000001", "id": "1"}
"""What stands in the addresses of what is only looked at."""


def addresses(*, reading: bool) -> set[str]:
    found = [each for each in routes.table() if isinstance(each, web.RouteDef)]
    return {each.path for each in found if (each.method == hdrs.METH_GET) is reading}


def test_every_address_that_changes_something_has_its_line() -> None:
    assert set(ACTS) == addresses(reading=False)


def test_every_kind_of_line_has_its_words() -> None:
    lines = {act.line for act in ACTS.values() if act.line is not None}
    assert lines <= set(logbook.ACTS)


async def test_each_act_leaves_its_line_and_nothing_else_does(officer: AtWork) -> None:
    made = officer.made
    walk = Walk(officer, (await waiting(made)).reception)
    await made.store.write(lambda db: db.execute("UPDATE outbox SET state = 'sent'").rowcount)
    for path, act in ACTS.items():
        made.wait(seconds=1)
        before = await everything(made)
        await act.do(walk)
        after = await everything(made)
        changed = {table for table in after if after[table] != before[table]}
        lines = after["officer_log"][len(before["officer_log"]) :]
        if act.line is None:
            assert changed <= AS_YOU_GO, path
            continue
        [(_, at, number, who, said, _, _, _, _, statement)] = lines
        assert (number, who, said) == (1, NAME, act.line), path
        assert at == times.text(made.time), path
        assert (statement is not None) is act.signed, path
        if statement is not None:
            assert [row[1] for row in after["statements"] if row[0] == statement] == [
                walk.request and walk.request.type
            ]


async def test_looking_changes_nothing(officer: AtWork) -> None:
    """Every page, logged in: not even a visit longer than it was."""
    made = officer.made
    registered = await made.register()
    await made.store.write(lambda db: outbox.post(db, [Mail("a@example.jp", "件名", "本文")], made.time))
    await officer.login()
    before = await everything(made)
    values = {**SEEN, "sha256": registered.cms_sha256}
    for path in sorted(addresses(reading=True)):
        async with officer.browser.client.get(path.format(**values)) as response:
            assert response.status == 200, path
        assert await everything(made) == before, path
    assert {own.HOME, looking.REGISTRATION} <= addresses(reading=True)


async def everything(made: World) -> dict[str, list[Any]]:
    """Every row of every table."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    names = [name for (name,) in await made.store.read(lambda db: db.execute(tables).fetchall())]
    return {name: await rows(made, name) for name in names}


async def rows(made: World, table: str) -> list[Any]:
    query = f"SELECT * FROM {table}"  # noqa: S608 - a table's name, of the database itself
    return await made.store.read(lambda db: db.execute(query).fetchall())
