"""操作の記録: what officers did, filtered by registration and officer."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from portal.officers.lookup import MAX_WORDS
from portal.web.keys import PORTAL
from portal.web.officers import looking, pages, session
from portal.web.paging import page_number

LOG = "/officers/log"
ACTS = {
    "officer_added": "名簿に追加",
    "officer_removed": "名簿から削除",
    "officer_bound": "証明書の確定（最初のログイン）",
    "login": "ログイン",
    "logout": "ログアウト",
    "accepted": "受理",
    "refused": "不受理",
    "stopped": "利用停止",
    "resumed": "利用停止の解除",
    "news_posted": "お知らせの掲載",
    "news_removed": "お知らせの取下げ",
    "day_set": "利用日の変更",
    "emergency_begun": "緊急停止",
    "emergency_lifted": "緊急停止の解除",
    "mail_again": "メールの再送",
}


async def log(request: web.Request) -> web.Response:
    """One page of the log, newest first."""
    await session.login(request)
    reception = request.query.get("reception", "").strip()[:MAX_WORDS]
    chosen = request.query.get("officer", "")
    listed = await request.app[PORTAL].lookup.officers()
    officer = next((each.id for each in listed if str(each.id) == chosen), None)
    rows, place = await request.app[PORTAL].lookup.log(reception, officer, page_number(request.query.get("page", "")))
    context = {
        "rows": rows,
        "place": place,
        "reception": reception,
        "officers": listed,
        "chosen": officer,
        "query": urlencode({"reception": reception, "officer": officer or ""}),
    }
    return pages.render(request, "log.html", {**context, "acts": ACTS, "states": looking.STATES})
