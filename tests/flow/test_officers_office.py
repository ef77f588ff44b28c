"""What officers do by their login: mails, news, single days, the emergency stop."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from portal.hours import Hours
from portal.mail.sender import Sender
from portal.mail.smtp import Smtp
from portal.store import Mail, outbox
from portal.store.mail_rows import MailState
from portal.web.officers import board, mails
from tests.flow.mail_office import plain
from tests.flow.mail_server import Post, mail_server
from tests.flow.officer_site import NAME, AtWork, office
from tests.flow.officer_site import officer as officer
from tests.flow.portal_site import Page, Visitor, turn, visitor
from tests.unit.portal_world import FORM, SEARCH, World, world

STOP = {"ja": "障害のため停止しています。\n復旧は未定です。", "en": "Stopped because of a fault.", "sure": "yes"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[AtWork]:
    """An officer who has logged in, at a portal with Yamaguchi's hours, on Tuesday 24 November 2026, 10:02."""
    async with world(tmp_path) as made:
        made.configure(hours=Hours())
        async with office(made) as opened:
            await opened.login()
            yield opened


def once(page: Page) -> str:
    return str(re.findall(r'name="once" value="([0-9a-f]+)"', page.html)[0])


async def acts(made: World) -> list[tuple[str, str, str]]:
    query = "SELECT act, before, after FROM officer_log WHERE act NOT IN ('officer_added', 'login') ORDER BY id"
    return await made.store.read(lambda db: db.execute(query).fetchall())


# Mails


async def drain(made: World, post: Post) -> None:
    async with mail_server(post) as port:
        await Sender(plain(port), made.store, Smtp(plain(port), "portal.test"), lambda: made.time).drain()


async def test_mails_are_seen_and_sent_again_once_a_click(officer: AtWork) -> None:
    made, post = officer.made, Post()
    await made.register()
    await drain(made, post)
    await officer.login()
    listed = await officer.get(f"/officers/mails?recipient={FORM['contact_mail'][:6]}")
    assert "1件" in listed.text
    assert "送信済み" in listed.text
    page = await officer.get("/officers/mails/1")
    for said in (FORM["contact_mail"], "【山口市電子入札】利用者登録完了のお知らせ", SEARCH["name"], "送信済み"):
        assert said in page.text
    form = {"once": once(page)}
    for _ in range(2):  # a double click
        done = await officer.submit("/officers/mails/1/again", form)
        assert "もう一度送るようにしました。" in done.text
    await drain(made, post)
    first, second = post.taken
    assert (first.recipient, first.message.get_content()) == (second.recipient, second.message.get_content())
    assert first.message["Message-ID"] != second.message["Message-ID"]  # a mail of its own: no server drops it
    assert [act for act, _, _ in await acts(made)] == ["mail_again"]


async def test_a_mail_that_was_refused_waits_anew(officer: AtWork) -> None:
    made, post = officer.made, Post()
    await made.register()
    post.to_recipient.append("550 5.1.1 no such person")
    await drain(made, post)
    await officer.login()
    page = await officer.get("/officers/mails/1")
    assert "宛先に拒まれました（550 5.1.1）" in page.text
    assert "1件" in (await officer.get("/officers/mails?state=refused")).text
    waits = await officer.submit("/officers/mails/1/again", {"once": once(page)})
    assert "送信待ち" in waits.text
    await officer.submit("/officers/mails/1/again", {"once": once(page)})
    assert "もう一度送る</button>" not in waits.html  # it waits already
    await drain(made, post)
    assert len(post.taken) == 1
    assert [act for act, _, _ in await acts(made)] == ["mail_again"]


async def test_a_list_of_mails_has_pages(officer: AtWork) -> None:
    made = officer.made
    many = [Mail(f"a{number}@example.jp", "件名", "本文") for number in range(120)]
    await made.store.write(lambda db: outbox.post(db, many, made.time))
    await officer.login()
    assert "1／3ページ" in (await officer.get("/officers/mails")).text
    assert "3／3ページ" in (await officer.get("/officers/mails?page=9")).text
    assert "11件" in (await officer.get("/officers/mails?recipient=a11&state=waiting")).text
    assert "当てはまるメールはありません。" in (await officer.get(f"/officers/mails?state={MailState.SENT}")).text


@pytest.mark.parametrize("number", ["9", "x", "0x1", "9999999999999", "١"])
async def test_a_mail_that_is_not_there(officer: AtWork, number: str) -> None:
    await officer.login()
    assert (await officer.get(f"/officers/mails/{number}")).title == "このメールはありません"


# News


async def test_news_stand_on_the_first_page_until_they_are_taken_down(desk: AtWork) -> None:
    page = await desk.get(board.NOTICES)
    form = {"once": once(page), "day": "2026-11-24", "text": "<b>保守</b>のお知らせ"}
    for _ in range(2):  # a double click
        shown = await desk.submit(board.NEWS, form)
        assert shown.url == board.NOTICES
    async with visitor(desk.made) as bidder:
        entrance = await bidder.get("/")
        assert entrance.text.count("<b>保守</b>のお知らせ") == 1
        assert "<b>" not in entrance.html
        assert entrance.text.index("保守") < entrance.text.index("請求書")  # the newest first
        assert "令和8年11月24日" in entrance.text
        await desk.submit("/officers/news/1/remove", {})
        await desk.submit("/officers/news/1/remove", {})
        assert "保守" not in (await bidder.get("/")).text
    said = "2026-11-24 <b>保守</b>のお知らせ"
    assert await acts(desk.made) == [("news_posted", "", said), ("news_removed", said, "")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"day": "2026-11-24", "text": " "}, "お知らせを入力してください。"),
        ({"day": "2026-11-24", "text": "あ" * 201}, "200文字まで"),
        ({"day": "2026-11-24", "text": "一行目\n二行目"}, "改行なし"),
        ({"day": "2026-02-30", "text": "お知らせ"}, "掲載する日付を、2026-12-28のように"),
        ({"day": "", "text": "お知らせ\u202e"}, "のように"),
    ],
)
async def test_news_beyond_their_limits_are_refused_kindly(desk: AtWork, given: dict[str, str], said: str) -> None:
    page = await desk.submit(board.NEWS, {"once": "1", **given})
    assert page.status == 422
    assert said in page.text
    assert "問い合わせ番号" in page.text
    assert await acts(desk.made) == []


# Days


async def test_single_days_go_before_the_settings(desk: AtWork) -> None:
    async with visitor(desk.made) as bidder:
        assert (await bidder.get("/registration/menu")).status == 200
        await desk.submit(board.DAYS, {"day": "2026-11-24", "kind": "closed"})
        closed = await bidder.get("/registration/menu")
        assert (closed.status, closed.title) == (503, "ただいまは利用時間外です")
        assert "臨時休止日：11月24日（火）" in (await bidder.get("/")).text
        await desk.submit(board.DAYS, {"day": "2026-11-24", "kind": "usual"})
        assert (await bidder.get("/registration/menu")).status == 200
        await desk.submit(board.DAYS, {"day": "2026-11-28", "kind": "open"})
        turn(bidder, "10:00:00", "2026-11-28")  # a Saturday
        desk.made.portal.office._known = None  # the clock of what is known runs on, the test's does not
        assert (await bidder.get("/registration/menu")).status == 200
    assert [after for _, _, after in await acts(desk.made)] == [
        "2026-11-24 臨時休止日",
        "2026-11-24 通常",
        "2026-11-28 臨時利用日",
    ]


async def test_a_day_of_the_settings_is_the_officers_to_change(desk: AtWork) -> None:
    made = desk.made
    made.configure(hours=Hours(closed_days=(date(2026, 11, 24),)))
    async with visitor(made) as bidder:
        assert (await bidder.get("/registration/menu")).status == 503
        at = AtWork(bidder, desk.card)
        await at.login()
        await at.submit(board.DAYS, {"day": "2026-11-24", "kind": "open"})
        assert (await bidder.get("/registration/menu")).status == 200


@pytest.mark.parametrize(
    "given",
    [
        {"day": "2026-11-23", "kind": "closed"},  # yesterday
        {"day": "2029-11-24", "kind": "closed"},
        {"day": "x", "kind": "closed"},
        {"day": "2026-11-25", "kind": "holiday"},
        {"day": "2026-11-25"},
    ],
)
async def test_a_day_that_will_not_do_is_refused_kindly(desk: AtWork, given: dict[str, str]) -> None:
    page = await desk.submit(board.DAYS, given)
    assert (page.status, "入力内容を直してください" in page.text) == (422, True)
    assert await acts(desk.made) == []


async def test_the_same_day_twice_leaves_one_line(desk: AtWork) -> None:
    for _ in range(2):
        await desk.submit(board.DAYS, {"day": "2026-11-25", "kind": "closed"})
    assert len(await acts(desk.made)) == 1


# Emergency stop


async def _stopped(bidder: Visitor, path: str) -> None:
    page = await bidder.get(path)
    assert (page.status, page.title) == (503, "ただいまサービスを停止しています")
    assert "障害のため停止しています。 復旧は未定です。" in page.text
    assert '<div lang="en">' in page.html
    assert "Stopped because of a fault." in page.text


async def test_everything_for_bidders_shows_the_stop_until_it_is_lifted(desk: AtWork) -> None:
    made = desk.made
    async with visitor(made) as bidder:
        await bidder.login()
        await bidder.submit("/registration/search", SEARCH)
        for _ in range(2):  # a double click
            assert (await desk.submit(board.EMERGENCY, STOP)).status == 200
        for path in ("/", "/registration", "/registration/menu", "/registration/form", "/verification", "/first-time"):
            await _stopped(bidder, path)
        status, problem = await bidder.call("/api/registration/begin", {"shown": ""}, **{"Accept-Language": "en"})
        assert (status, problem["code"], problem["detail"]) == (503, "emergency_stop", STOP["en"])
        page = await bidder.submit("/registration/form", {**FORM, "company_fax": "とちゅう", "step": "confirm"})
        assert page.status == 503
        assert (await bidder.client.get("/static/base.css")).status == 200
        assert (await desk.get("/officers")).status == 200
        assert "24 10:02から停止中です。" in (await desk.get(board.EMERGENCY)).text
        for _ in range(2):
            await desk.submit(board.LIFT, {})
        assert (await bidder.get("/registration/form")).value("company_fax") == "とちゅう"  # nothing typed is lost
        assert (await bidder.get("/")).status == 200
    said = f"{STOP['ja']}\n{STOP['en']}"
    assert await acts(made) == [("emergency_begun", "", said), ("emergency_lifted", said, "")]


async def test_a_bidder_can_still_end_a_visit_while_everything_is_stopped(desk: AtWork) -> None:
    async with visitor(desk.made) as bidder:
        await bidder.login()
        await desk.submit(board.EMERGENCY, STOP)
        assert (await bidder.submit("/registration/end", {})).url == "/ended"


async def test_a_stop_is_there_after_a_restart(desk: AtWork) -> None:
    await desk.submit(board.EMERGENCY, STOP)
    await desk.made.restart()
    async with visitor(desk.made) as bidder:
        await _stopped(bidder, "/")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**STOP, "sure": ""}, "止めることを確かめて、チェックを付けてください。"),
        ({**STOP, "ja": ""}, "日本語の文を入力してください。"),
        ({**STOP, "en": "x" * 401}, "英語の文は400文字までです。"),
    ],
)
async def test_a_stop_needs_its_texts_and_its_check(desk: AtWork, given: dict[str, str], said: str) -> None:
    page = await desk.submit(board.EMERGENCY, given)
    assert (page.status, said in page.text) == (422, True)
    async with visitor(desk.made) as bidder:
        assert (await bidder.get("/")).status == 200


# For officers alone


POSTS = (board.NEWS, "/officers/news/1/remove", board.DAYS, board.EMERGENCY, board.LIFT, "/officers/mails/1/again")


@pytest.mark.parametrize("path", [board.NOTICES, board.EMERGENCY, mails.MAILS, "/officers/mails/1", "/officers/log"])
async def test_without_login_nothing_is_shown(officer: AtWork, path: str) -> None:
    await officer.get("/officers/login")
    assert (await officer.get(path)).title == "担当者のログインが必要です"


@pytest.mark.parametrize("path", POSTS)
async def test_nor_done_without_login_or_token(officer: AtWork, path: str) -> None:
    await officer.get("/officers/login")
    assert (await officer.submit(path, STOP)).status == 403
    await officer.login()
    officer.browser.token = "x"
    assert (await officer.submit(path, STOP)).title == "画面が古くなっています"
    assert await acts(officer.made) == []


async def test_the_log_tells_all_of_it(desk: AtWork) -> None:
    await desk.submit(board.DAYS, {"day": "2026-11-25", "kind": "closed"})
    await desk.submit(board.EMERGENCY, STOP)
    page = await desk.get("/officers/log")
    for said in ("利用日の変更", "2026-11-25 通常", "2026-11-25 臨時休止日", "緊急停止", STOP["en"], NAME):
        assert said in page.text
