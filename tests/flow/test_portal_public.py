"""What anyone can read: the entrance and its print view, 初めての方へ with the published list, the PC's preparation."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from portal.hours import Hours, Weekday
from portal.settings import Entrance, News
from portal.store import Contractor
from tests.flow.portal_site import Page, Visitor, visitor
from tests.unit.portal_world import World, world


async def seen(made: World, path: str, **changed: Any) -> Page:
    """A page of the portal with some of its settings changed."""
    made.configure(**changed)
    async with visitor(made) as other:
        return await other.get(path)


def entrance(**changed: Any) -> Entrance:
    return replace(Entrance(), **changed)


async def test_the_entrance_says_what_the_procedures_does_in_its_order(person: Visitor) -> None:
    text = (await seen(person.made, "/", hours=Hours())).text
    places = [
        text.index(words)
        for words in (
            *("山口市電子入札ポータルサイト 印刷用ページを表示する 掲載日： 2021年12月27日 更新", "更新内容"),
            *(
                "令和3年12月27日 重要なお知らせ等に請求書の様式改正についてを追加。",
                "令和3年12月15日 重要なお知らせ等に",
            ),
            *("令和3年11月5日 重要なお知らせ等にWindows11", "令和3年6月14日 重要なお知らせ等にICカードの「名義人」と"),
            *("山口市電子入札システムの入口", "山口市の電子入札を初めて御利用の方へのページ で公表しています。"),
            *(
                "リンク先 電子入札システム 入札情報公開システム",
                "内容 利用者登録、入札書提出 発注情報及び入札結果の閲覧",
            ),
            "利用時間 午前8時30分から午後8時00分まで 土日祝日、年末年始（12月29日～1月5日）を除く",
            "お問い合わせ 山口市 総務部 契約監理課 入札監理担当 TEL 083-934-2710",
        )
    ]
    assert places == sorted(places)


async def test_its_links_lead_to_pages_that_are_there(person: Visitor) -> None:
    links = re.findall(r'href="(/[^"#]*)"', (await person.get("/")).html)
    assert {"/print", "/first-time", "/divisions", "/preparing/information"} <= set(links)
    assert [(await person.get(link)).status for link in links] == [200] * len(links)


async def test_news_are_the_agencys_and_the_newest_stands_first(person: Visitor) -> None:
    news = (News(date(2019, 4, 30), "前の元号"), News(date(2019, 5, 1), "今の元号"))
    page = await seen(person.made, "/", entrance=entrance(news=news))
    assert "掲載日： 2019年5月1日 更新 ● 更新内容 令和元年5月1日 今の元号 平成31年4月30日 前の元号" in page.text
    posted = await seen(person.made, "/", entrance=entrance(news=(), posted=date(2026, 4, 1)))
    assert "掲載日： 2026年4月1日 更新" in posted.text
    assert "更新内容" not in posted.text
    assert "掲載日" not in (await seen(person.made, "/", entrance=entrance(news=()))).text


async def test_the_agencys_own_pages_are_linked_in_place_of_ours(person: Visitor) -> None:
    there = entrance(first_time="https://agency.example/first", information="https://ppi.example/", bridge="/get")
    page = await seen(person.made, "/", entrance=there)
    assert '<a href="https://agency.example/first">山口市の電子入札を初めて御利用の方へのページ</a>' in page.html
    assert '<a class="go" href="https://ppi.example/">入札情報公開システム</a>' in page.html
    assert "（外部サイト）" in page.text
    assert 'href="/get">カードブリッジをダウンロードする' in (await seen(person.made, "/setup", entrance=there)).html


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"closed_weekdays": (Weekday.SUNDAY,)}, "日曜日、祝日、年末年始（12月29日～1月5日）を除く"),
        ({"closed_holidays": False, "closed_yearly": ()}, "土日を除く"),
        (
            {"closed_yearly": ("08-13/08-15", "12-31/01-03")},
            "8月13日～8月15日、年末年始（12月31日～1月3日）を除く",
        ),
        ({"opens": time(9), "closes": time(17, 15)}, "午前9時00分から午後5時15分まで"),
        ({"closed_days": (date(2026, 11, 23), date(2026, 12, 28))}, "を除く 臨時休止日：12月28日（月）"),
        ({"open_days": (date(2026, 12, 29),)}, "を除く 臨時利用日：12月29日（火）"),
        ({"always_open": True}, "利用時間 いつでもご利用いただけます。"),
    ],
)
async def test_the_hours_are_told_as_they_are_set(person: Visitor, rule: dict[str, Any], words: str) -> None:
    assert words in (await seen(person.made, "/", hours=replace(Hours(), **rule))).text


async def test_the_entrance_tells_how_the_hours_stand(person: Visitor) -> None:
    hours = Hours()
    assert "ただいまご利用いただけます（本日は午後8時00分まで）。" in (await seen(person.made, "/", hours=hours)).text
    person.made.wait(hours=10)
    closed = (await seen(person.made, "/", hours=hours)).text
    assert "ただいまは利用時間外です。次は、 11月25日（水）午前8時30分 からご利用いただけます。" in closed
    never = replace(hours, closed_weekdays=tuple(Weekday))
    assert "再開の日時は、決まり次第お知らせします。" in (await seen(person.made, "/", hours=never)).text


async def test_the_print_view_holds_the_same_and_the_contact(person: Visitor) -> None:
    page = await seen(person.made, "/print", hours=Hours())
    main = page.html[page.html.index("<main") : page.html.index("</main>")]
    for words in (
        "更新内容",
        "令和3年6月14日",
        "リンク先",
        "午後8時00分まで",
        "入札監理担当",
        "https://localhost:22443/",
    ):
        assert words in main


async def test_a_name_from_the_settings_is_text(person: Visitor) -> None:
    page = await seen(person.made, "/", entrance=entrance(news=(News(date(2026, 1, 1), "<b>太字</b>"),)))
    assert "&lt;b&gt;太字&lt;/b&gt;" in page.html


# 初めての方へ


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody in front of a portal with thousands of contractors."""
    async with world(tmp_path) as made:
        many = [Contractor(f"{n:09d}", f"株式会社見本{n:04d}建設", "", "", "", "") for n in range(1000, 4000)]
        await made.store.import_contractors(many)
        async with visitor(made) as opened:
            yield opened


async def find(person: Visitor, **query: str) -> Page:
    return await person.get(f"/first-time?{urlencode(query)}")


def listed(page: Page) -> list[tuple[str, str]]:
    return re.findall(r'<tr><td class="number">(.*?)</td><td>(.*?)</td></tr>', page.html)


async def test_numbers_and_names_are_published_and_nothing_else(person: Visitor) -> None:
    page = await person.get("/first-time")
    assert listed(page)[:2] == [("000000101", "北東組株式会社"), ("000000102", "株式会社A建設")]
    assert "5件を表示しています。" in page.text
    for private in ("日立", "代表取締役", "北東市中央町", "123-0000"):
        assert private not in page.html


async def test_the_list_is_read_page_by_page(crowd: Visitor) -> None:
    first = await crowd.get("/first-time")
    assert "3,005件のうち、1～50件目を表示しています。" in first.text
    assert len(listed(first)) == 50
    assert "前のページ" not in first.text
    followed, page, found = 1, first, listed(first)
    while again := re.search(r'rel="next" href="(.*?)#', page.html):
        page = await crowd.get(again[1].replace("&amp;", "&"))
        followed, found = followed + 1, found + listed(page)
    assert followed == 61
    assert [number for number, _ in found] == sorted(number for number, _ in found)
    assert len(set(found)) == 3005
    assert "3,001～3,005件目" in page.text
    assert "61／61ページ" in page.text


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("2345", "000002345"),
        ("００００２３４５", "000002345"),
        ("見本 2345", "000002345"),
        ("（株）見本2345", "000002345"),
        ("株式会社 A建設", "000000102"),
        ("ａ建設", "000000102"),
        ("00000a104", "00000A104"),
    ],
)
async def test_the_list_is_searched_as_people_write(crowd: Visitor, words: str, number: str) -> None:
    page = await find(crowd, words=words)
    assert [row[0] for row in listed(page)] == [number]
    assert f"「{words}」に当てはまる1件を表示しています。" in page.text
    assert page.value("words") == words


async def test_a_search_goes_through_its_pages(crowd: Visitor) -> None:
    page = await find(crowd, words="見本 20", page="2")
    assert "「見本 20」に当てはまる" in page.text
    assert "51～" in page.text
    assert "%E8%A6%8B%E6%9C%AC" in page.html  # the words stay in the links to other pages


@pytest.mark.parametrize("words", ["見つからない", "%", "_", "'", '"><script>', "000000101北東組", "あ" * 500])
async def test_a_search_without_a_hit_says_so(crowd: Visitor, words: str) -> None:
    page = await find(crowd, words=words)
    assert (page.status, listed(page)) == (200, [])
    assert "に当てはまるものはありません。" in page.text
    assert "<script>" not in page.html


@pytest.mark.parametrize(("asked", "shown"), [("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("62", 61), ("9" * 30, 1)])
async def test_a_page_that_is_not_there_is_the_nearest(crowd: Visitor, asked: str, shown: int) -> None:
    assert f"{shown}／61ページ" in (await find(crowd, page=asked)).text


async def test_the_rows_of_a_page_are_a_setting_and_an_empty_list_says_so(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.configure(entrance=entrance(rows=2))
        async with visitor(made) as person:
            assert len(listed(await person.get("/first-time"))) == 2
            await made.store.write(lambda db: db.execute("DELETE FROM contractors").rowcount)
            assert "公表している業者番号はまだありません。" in (await person.get("/first-time")).text


# The way to the card


async def test_the_divisions_lead_on_and_name_what_a_pc_needs(person: Visitor) -> None:
    page = await person.get("/divisions")
    assert "調達機関： 山口市 工事、コンサル 物品、役務 少額物品、少額役務" in page.text
    assert "電子入札システム新方式（脱Java方式）の画面です。" in page.text
    for link in ("/divisions/works", "/divisions/goods", "/divisions/small", "/setup", "/registration"):
        assert f'href="{link}"' in page.html
    assert "https://localhost:22443" in (await person.get("/setup")).text


async def test_the_choice_of_business_warns_of_closing_it(person: Visitor) -> None:
    page = await person.get("/divisions/works")
    assert "区分： 工事、コンサル 利用者登録 電子入札システム" in page.text
    assert "業務を行っている間は、この画面を閉じないでください。" in page.text
    assert (await person.get("/divisions/none")).status == 404


@pytest.mark.parametrize("name", ["bidding", "information"])
async def test_what_is_still_to_come_says_so(person: Visitor, name: str) -> None:
    page = await person.get(f"/preparing/{name}")
    assert page.title in ("電子入札システムは準備中です", "入札情報公開システムは準備中です")
    assert "この画面からはまだご利用いただけません。" in page.text
    assert (await person.get("/preparing/other")).status == 404
