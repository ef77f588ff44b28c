"""One person's way through all of the procedure's screens over HTTP, and what each of them says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from portal.hours import Hours
from portal.registration.purposes import Purpose
from portal.search.settings import SearchRules, User
from tests.flow import renewal_steps
from tests.flow.portal_site import Page, Visitor, visitor
from tests.procedure.example import FORM, SEARCH, USER
from tests.unit.portal_world import world

PUBLIC: Final = {
    "入口": "/",
    "印刷用ページ": "/print",
    "初めて御利用の方へ": "/first-time",
    "調達機関・区分選択画面": "/divisions",
    "利用者登録／電子入札 選択画面": "/divisions/works",
    "電子入札システム（準備中）": "/preparing/bidding",
    "利用者登録処理": "/registration",
    "検証機能": "/verification",
    "利用者登録メニュー": "/registration/menu",
}

Shown = tuple[str, Page]
"""A screen's name in the table, and the page."""


async def walk(root: Path) -> dict[str, Page]:
    """Yamaguchi's settings; ユーザID and パスワード may be given, once the screen that asks for them has been seen."""
    pages: dict[str, Page] = {}
    async with world(root) as made:
        made.configure(hours=Hours())
        async with visitor(made) as person:
            for name, path in PUBLIC.items():
                pages[name] = await person.get(path)
            pages["資格審査情報検索"] = await person.login()
        made.configure(search=SearchRules(user=User.OPTIONAL))
        async with visitor(made) as person:
            for part in (_registration, _change, _renewal):
                pages |= {name: page async for name, page in part(person)}
    return pages


async def _registration(person: Visitor) -> AsyncIterator[Shown]:
    await person.login()
    yield "利用者登録", await person.submit("/registration/search", {**SEARCH, **USER})
    confirm = await person.submit("/registration/form", {**FORM, "step": "confirm"})
    yield "登録内容確認", confirm
    await person.finish("registration", person.made.signed(await person.statement(confirm)))
    yield "完了", await person.get("/registration/complete")
    yield "利用者情報", await person.get("/registration/sheet")
    yield "終了", await person.submit("/registration/end", {})


async def _change(person: Visitor) -> AsyncIterator[Shown]:
    yield "登録内容の変更", await person.login(purpose=Purpose.CHANGE)
    confirm = await person.submit("/change", {**FORM, "company_fax": "083-934-2711", "step": "confirm"})
    yield "変更内容確認", confirm
    request = await person.begin("change", {"shown": confirm.data("shown")})
    await person.finish("change", person.made.signed(request))
    yield "変更完了", await person.get("/change/complete")
    yield "照会・再印刷", await person.get("/inquiry")


async def _renewal(person: Visitor) -> AsyncIterator[Shown]:
    yield "ICカード更新", await person.login(purpose=Purpose.RENEWAL)
    handover = await person.submit("/renewal/handover", {"new": ""})
    yield "旧ICカードの引継ぎ", handover
    await renewal_steps.hand_over(person, handover)
    yield "ICカードの差し替え", await person.get("/renewal/exchange")
    card = renewal_steps.successor(person)
    await renewal_steps.announce(person, card)
    confirm = await person.get("/renewal/confirm")
    yield "新ICカードの確認", confirm
    await renewal_steps.accept(person, confirm, card)
    yield "ICカード更新完了", await person.get("/renewal/complete")
