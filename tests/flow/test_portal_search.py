"""資格審査情報検索 over HTTP: what stands on the screen, what it says and does not say, what it keeps."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from portal.search.settings import NumberFormat, Numbers, SearchRules
from tests.flow.portal_site import Page, Visitor, visitor
from tests.unit.portal_world import SEARCH, world

SECRET = SearchRules(numbers=Numbers.SECRET)


async def test_the_screen_says_what_the_procedures_says(person: Visitor) -> None:
    page = await person.login()
    assert "資格審査情報の検索を行います。業者番号と、確認のために商号又は名称を入力してください。" in page.text
    rows = re.findall(r'<label for="\w+">(.*?)</label>\s*<p class="hint"[^>]*>(.*?)</p>', page.html, re.DOTALL)
    shown = [(re.sub("<[^>]+>", "", label).replace("必須", "").strip(), hint) for label, hint in rows]
    assert shown == [
        ("業者番号 （※）", "半角英数字9文字"),
        ("商号又は名称 （※）", "40文字以内"),
        ("ユーザID", "半角英数字20文字以下"),
        ("パスワード", "半角英数字20文字以下"),
    ]
    for note in (
        "ユーザIDとパスワードは空欄としてください。",
        "業者番号は9桁必須です。",
        "業者番号は山口市から別途通知しています。",
        "（株）、（有）と略さずに",
        "スペースを入れずに続けてください。",
        "業者名と支店名等の間にも、スペースを入れずに",
        "（株）A建設 株式会社A建設 B建設（有） ○○支店 B建設有限会社○○支店",
        "山口市 総務部 契約監理課 入札監理担当 TEL 083-934-2710",
    ):
        assert note in page.text
    (actions,) = re.findall(r'<p class="actions">(.*?)</p>', page.html)
    assert re.findall(r">([^<>]+)</", actions) == ["検索", "戻る"]
    assert "初めて御利用の方へのページ</a>でも確かめられます。" in page.html
    assert "分間検索できなくなります" not in page.text


async def test_the_screen_follows_the_agencys_numbers(person: Visitor) -> None:
    person.made.configure(search=SearchRules(number=NumberFormat.DIGITS_9_PADDED, numbers=Numbers.SECRET, attempts=3))
    async with visitor(person.made) as other:
        page = await other.login()
        assert "半角数字9文字" in page.text
        assert "9桁に満たない番号は、左に0を付けて9桁にしてください。" in page.text
        assert "一致しない検索が3回あると、60分間検索できなくなります。" in page.text
        assert "初めて御利用の方へのページ" not in page.text
        padded = await other.submit("/registration/search", {**SEARCH, "number": "１０１"})
        assert 'name="take:number" value="000000101"' in padded.html


async def test_secret_numbers_are_published_nowhere(person: Visitor) -> None:
    person.made.configure(search=SECRET)
    async with visitor(person.made) as other:
        for path in ("/", "/print", "/first-time", "/first-time?words=000000101&page=1"):
            page = await other.get(path)
            assert page.status == 200
            assert "別途通知しています" in page.text or path == "/print"
            assert "北東組株式会社" not in page.html
            assert "公表" not in page.text


def without_ids(page: Page) -> str:
    """A page without what is random or the visit's: token and 問い合わせ番号."""
    html = re.sub(r'(content|value)="[0-9A-Za-z_-]{43}"', "", page.html)
    return re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}", "", html)


async def test_a_secret_number_gets_the_same_answer_to_the_byte(tmp_path: Path) -> None:
    """One agency knows the number under another name, the other does not know it."""
    typed, answers = {**SEARCH, "name": "別の株式会社"}, []
    for known in (True, False):
        async with world(tmp_path / str(known)) as made:
            made.configure(search=SECRET)
            if not known:
                await made.store.write(lambda db: db.execute("DELETE FROM contractors").rowcount)
            async with visitor(made) as person:
                await person.login()
                answers.append(await person.submit("/registration/search", typed))
    one, other = answers
    assert one.status == other.status == 422
    assert without_ids(one) == without_ids(other)
    assert one.headers.keys() == other.headers.keys()
    assert one.headers["Content-Length"] == other.headers["Content-Length"]
    assert "一致しない" in one.text


async def test_too_many_searches_say_until_when_and_keep_what_was_typed(
    person: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal.web")
    person.made.configure(search=SearchRules(numbers=Numbers.SECRET, attempts=1))
    async with visitor(person.made) as other:
        await other.login()
        await other.submit("/registration/search", {**SEARCH, "number": "999999999"})
        page = await other.submit("/registration/search", SEARCH)
        assert (page.status, page.headers["Retry-After"]) == (429, "3601")
        assert "しばらく検索できません" in page.text
        assert "2026/11/24 11:02 を過ぎると、また検索できます。" in page.text
        assert (page.value("number"), page.value("name")) == (SEARCH["number"], SEARCH["name"])
        told = [record for record in caplog.records if record.name == "portal.web"]
        assert told[-1].__dict__["facts"] == {
            "inquiry": page.inquiry,
            "code": "search_limited",
            "method": "POST",
            "path": "/registration/search",
            "fact": "",
        }
        other.made.wait(minutes=60)
        await other.login()
        assert (await other.get("/registration/search")).value("name") == SEARCH["name"]
        assert (await other.submit("/registration/search", SEARCH)).url == "/registration/form"


async def test_what_is_being_typed_is_kept_and_an_offered_value_taken_without_a_script(person: Visitor) -> None:
    await person.login()
    kept = await person.submit("/api/search/keep", {"number": "00000", "password": "geheim"})
    assert kept.status == 204
    page = await person.get("/registration/search")
    assert (page.value("number"), page.value("password")) == ("00000", "")
    page = await person.submit("/registration/search", {**SEARCH, "name": "北東組(株)"})
    (offered,) = re.findall(r'name="take:name" value="([^"]*)"', page.html)
    page = await person.submit("/registration/search", {**SEARCH, "name": "北東組(株)", "take:name": offered})
    assert (page.status, page.value("name"), page.value("number")) == (200, "北東組株式会社", SEARCH["number"])


async def test_the_portal_restarted_in_mid_search(person: Visitor) -> None:
    await person.login()
    await person.submit("/registration/search", {**SEARCH, "number": "12345"})
    await person.made.restart()
    async with visitor(person.made) as again:
        await again.login()
        page = await again.get("/registration/search")
        assert (page.value("number"), page.value("name")) == ("12345", SEARCH["name"])
