"""利用時間 over HTTP: what is open when, who may finish, and that nothing typed is lost when time ends."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp.web import RouteDef, StaticDef

from portal.hours import Hours, Weekday
from portal.settings import Settings, Site
from portal.web import closing, routes
from portal.web.officers import session as officers
from tests.flow.portal_site import Visitor, turn, visitor
from tests.unit.portal_world import FORM, SEARCH

NEXT = "11月25日（水）午前8時30分"


# What is open when


@pytest.mark.parametrize(
    ("clock", "status"), [("08:29:59", 503), ("08:30:00", 200), ("19:59:59", 200), ("20:00:00", 503), ("23:59:59", 503)]
)
async def test_the_procedure_opens_and_closes(bidder: Visitor, clock: str, status: int) -> None:
    turn(bidder, clock)
    assert (await bidder.get("/divisions")).status == status
    assert (await bidder.get("/registration/menu")).status == status


def procedures() -> list[tuple[str, str]]:
    """Every address of the route table that is not open at any hour."""
    table = routes.table(Settings(site=Site(practice=True)))
    assert {each.path for each in table if isinstance(each, RouteDef)} >= closing.ALWAYS - {"/static"}
    assert [each.prefix for each in table if isinstance(each, StaticDef)] == ["/static"]
    return [
        (each.method, re.sub(r"\{.*?\}", "change", each.path))
        for each in table
        if isinstance(each, RouteDef) and each.path not in closing.ALWAYS and not officers.concerns(each.path)
    ]


@pytest.mark.parametrize(("method", "path"), procedures())
async def test_every_address_of_the_procedure_is_closed_at_night(bidder: Visitor, method: str, path: str) -> None:
    """Whatever is added to the table as well, unless it is said to be open."""
    turn(bidder, "19:30:00")
    await bidder.login()
    turn(bidder, "20:15:00")
    if method == "GET":
        page = await bidder.get(path)
        assert (page.status, page.title) == (503, "ただいまは利用時間外です")
    elif path.startswith("/api/"):
        status, problem = await bidder.call(path, {})
        assert (status, problem["code"]) == (503, "closed")
    else:
        assert (await bidder.submit(path, {})).status == 503


OPEN = ("/", "/print", "/first-time", "/setup", "/accessibility", "/preparing/information", "/registration", "/ended")


@pytest.mark.parametrize("path", [*OPEN, "/api/clock", "/static/base.css", "/static/card-bridge.js"])
async def test_what_informs_and_checks_is_open_at_any_hour(bidder: Visitor, path: str) -> None:
    turn(bidder, "03:00:00", "2027-01-01")
    assert (await bidder.get(path)).status == 200


async def test_an_address_that_is_not_there_stays_not_found(bidder: Visitor) -> None:
    turn(bidder, "03:00:00")
    assert (await bidder.get("/nope")).status == 404


async def test_the_closed_page_says_from_when_and_what_can_be_done_meanwhile(bidder: Visitor) -> None:
    turn(bidder, "19:59:00")
    await bidder.get("/registration/menu")
    turn(bidder, "20:30:00")
    page = await bidder.get("/divisions/works")
    assert "この接続は" not in page.text
    assert f"次は、{NEXT}からご利用いただけます。" in page.text
    assert "利用時間：午前8時30分から午後8時00分まで 土日祝日、年末年始（12月29日～1月5日）を除く" in page.text
    assert page.inquiry
    assert page.headers["Retry-After"] == "Tue, 24 Nov 2026 23:30:00 GMT"
    assert re.findall(r'<a class="button[^>]*href="(.*?)"', page.html) == ["/", "/registration"]
    check = await bidder.get("/registration")
    assert f"ただいまは利用時間外です。次は、 {NEXT} からご利用いただけます。動作確認は、いまもできます。" in check.text
    turn(bidder, "10:00:00")
    assert "利用時間外" not in (await bidder.get("/registration")).text


async def test_page_scripts_are_told_in_both_languages(bidder: Visitor) -> None:
    turn(bidder, "19:59:59")
    await bidder.get("/registration/menu")
    turn(bidder, "20:00:00")
    status, problem = await bidder.call("/api/login/registration/begin", {"division": ""})
    assert (status, problem["code"], problem["next"]["href"]) == (503, "closed", "/")
    assert problem["detail"] == f"次は、{NEXT}からご利用いただけます。"
    _, problem = await bidder.call("/api/login/registration/begin", {"division": ""}, **{"Accept-Language": "en"})
    assert problem["detail"] == "The system opens again on 2026-11-25 08:30 (Japan time)."


async def test_a_portal_without_a_next_opening_says_that_it_will_be_told(bidder: Visitor) -> None:
    bidder.made.configure(hours=Hours(closed_weekdays=tuple(Weekday)))
    async with visitor(bidder.made) as other:
        page = await other.get("/divisions")
    assert (page.status, page.title) == (503, "ただいまはご利用いただけません")
    assert "Retry-After" not in page.headers


async def test_practice_is_open_at_any_hour(bidder: Visitor) -> None:
    bidder.made.configure(hours=Hours(always_open=True))
    turn(bidder, "03:00:00", "2027-01-01")
    async with visitor(bidder.made) as other:
        menu = await other.get("/registration/menu")
    assert menu.status == 200
    assert "本日の利用時間" not in menu.text


# Who may finish


async def test_a_running_form_is_finished_in_the_time_after_closing(bidder: Visitor) -> None:
    turn(bidder, "19:59:59")
    await bidder.login()
    turn(bidder, "20:05:00")
    await bidder.submit("/registration/search", SEARCH)
    confirm = await bidder.submit("/registration/form", {**FORM, "step": "confirm"})
    assert confirm.url == "/registration/confirm"
    assert "本日の利用時間は午後8時00分までです。始めた手続は午後8時15分まで続けられます。" in confirm.text
    cms = bidder.made.signed(await bidder.statement(confirm))
    turn(bidder, "20:14:59")
    assert (await bidder.finish("registration", cms))[0] == 200
    assert (await bidder.get("/registration/sheet")).status == 200
    turn(bidder, "20:15:00")
    assert (await bidder.get("/registration/sheet")).status == 503


async def test_closing_time_is_put_off_once_by_whoever_asks(bidder: Visitor) -> None:
    turn(bidder, "19:59:59")
    search = await bidder.login()
    assert "午後8時15分まで続けられます。終わる前に、一度だけ15分延ばせます。" in search.text
    turn(bidder, "20:14:59")
    for _ in range(2):  # a second time changes nothing
        status, state = await bidder.call("/api/visit/closing", {})
        assert (status, state["last"]["clock"], state["extension"]) == (200, "午後8時30分", 0)
    turn(bidder, "20:29:59")
    page = await bidder.submit("/registration/search", SEARCH)
    assert (page.status, page.url) == (200, "/registration/form")
    assert "始めた手続は午後8時30分まで続けられます。" in page.text
    assert "延ばせます" not in page.text
    turn(bidder, "20:30:00")
    assert (await bidder.get("/registration/form")).status == 503
    status, problem = await bidder.call("/api/visit/closing", {})
    assert (status, problem["code"]) == (503, "closed")


async def test_another_day_has_its_own_closing_time(bidder: Visitor) -> None:
    """What was put off for one login is not for the next."""
    turn(bidder, "19:59:59")
    await bidder.login()
    assert (await bidder.call("/api/visit/closing", {}))[0] == 200
    turn(bidder, "19:59:59", "2026-11-25")
    await bidder.login()
    turn(bidder, "20:15:00", "2026-11-25")
    assert (await bidder.get("/registration/search")).status == 503


async def test_an_agency_can_leave_closing_time_as_it_is(bidder: Visitor) -> None:
    bidder.made.configure(hours=Hours(extension_minutes=0))
    async with visitor(bidder.made) as other:
        turn(other, "19:59:59")
        assert "延ばせます" not in (await other.login()).text
        _, state = await other.call("/api/visit/closing", {})
        assert (state["last"]["clock"], state["extension"]) == ("午後8時15分", 0)


async def test_who_has_not_logged_in_puts_nothing_off(bidder: Visitor) -> None:
    turn(bidder, "19:59:59")
    await bidder.get("/registration/menu")
    status, problem = await bidder.call("/api/visit/closing", {})
    assert (status, problem["code"]) == (403, "login_required")


async def test_nothing_new_begins_after_closing(bidder: Visitor) -> None:
    turn(bidder, "19:59:59")
    await bidder.get("/registration/menu")
    cms = bidder.made.signed(await bidder.begin("login/registration", {"division": ""}))
    turn(bidder, "20:00:00")
    status, problem = await bidder.finish("login/registration", cms)
    assert (status, problem["code"]) == (503, "closed")
    assert (await bidder.get("/registration/menu")).status == 503


async def test_the_end_button_works_at_any_hour(bidder: Visitor) -> None:
    turn(bidder, "19:59:59")
    await bidder.login()
    turn(bidder, "20:30:00")
    assert (await bidder.submit("/registration/end", {})).url == "/ended"
    assert await bidder.made.count("sessions") == 0


# Nothing typed is lost


async def test_a_form_sent_too_late_is_kept_for_the_next_day(bidder: Visitor) -> None:
    turn(bidder, "19:30:00")
    await bidder.login()
    await bidder.submit("/registration/search", SEARCH)
    turn(bidder, "20:15:00")
    page = await bidder.submit("/registration/form", {**FORM, "company_fax": "とちゅう", "step": "confirm"})
    assert (page.status, page.title) == (503, "ただいまは利用時間外です")
    assert "入力の途中だった内容は、保存されています。" in page.text
    turn(bidder, "08:30:00", "2026-11-25")
    await bidder.login()
    form = await bidder.get("/registration/form")
    assert (form.value("company_fax"), form.value("contact_mail")) == ("とちゅう", FORM["contact_mail"])
    assert await bidder.made.count("registrations") == 0


async def test_a_search_sent_too_late_is_kept_but_for_its_password(bidder: Visitor) -> None:
    turn(bidder, "19:30:00")
    await bidder.login()
    turn(bidder, "20:15:00")
    await bidder.submit("/registration/search", {**SEARCH, "password": "himitsu"})
    turn(bidder, "08:30:00", "2026-11-25")
    search = await bidder.login()
    assert (search.value("number"), search.value("name"), search.value("password")) == (
        SEARCH["number"],
        SEARCH["name"],
        "",
    )


async def test_what_the_page_script_keeps_is_kept_after_closing_too(bidder: Visitor) -> None:
    turn(bidder, "19:30:00")
    await bidder.login()
    await bidder.submit("/registration/search", SEARCH)
    turn(bidder, "20:16:00")
    await bidder.submit("/api/registration/keep", {"contact_person": "日立 次"})
    turn(bidder, "08:30:00", "2026-11-25")
    await bidder.login()
    assert (await bidder.get("/registration/form")).value("contact_person") == "日立 次"


async def _filled_then_away(bidder: Visitor, **away: float) -> None:
    await bidder.login()
    await bidder.submit("/registration/search", SEARCH)
    bidder.made.wait(**away)


async def _kept(bidder: Visitor) -> Any:
    await bidder.login()
    return (await bidder.get("/registration/form")).value("company_department")


async def test_a_form_sent_after_the_visit_ended_is_kept(bidder: Visitor) -> None:
    await _filled_then_away(bidder, minutes=61)
    async with visitor(bidder.made) as other:  # a new visit, which sweeps
        await other.get("/registration/menu")
    page = await bidder.submit("/registration/form", {**FORM, "company_department": "経理部", "step": "confirm"})
    assert (page.status, page.title) == (403, "接続の時間が過ぎました")
    assert await _kept(bidder) == "経理部"


async def test_an_ended_visit_opens_nothing(bidder: Visitor) -> None:
    await _filled_then_away(bidder, minutes=61)
    await bidder.submit("/registration/form", {**FORM, "step": "confirm"})
    assert (await bidder.get("/registration/form")).status == 403
    status, problem = await bidder.call("/api/registration/begin", {"shown": ""})
    assert (status, problem["code"]) == (403, "session_ended")


@pytest.mark.parametrize("case", ["another token", "after a day", "after 終了"])
async def test_an_ended_visit_keeps_nothing_from(bidder: Visitor, case: str) -> None:
    await _filled_then_away(bidder)
    changed = {**FORM, "company_department": "経理部", "step": "confirm"}
    jar = bidder.client.session.cookie_jar.filter_cookies(bidder.client.make_url("/"))
    cookie = {name: morsel.value for name, morsel in jar.items()}
    if case == "after 終了":
        token = bidder.token
        await bidder.submit("/registration/end", {})
        bidder.client.session.cookie_jar.update_cookies(cookie, bidder.client.make_url("/"))
        bidder.token = token
    bidder.made.wait(hours=26 if case == "after a day" else 2)
    if case == "another token":
        changed["csrf"] = "x"
    assert (await bidder.submit("/registration/form", changed)).title == "接続の時間が過ぎました"
    assert await _kept(bidder) == ""
