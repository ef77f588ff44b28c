"""Until when a visit is good: told on its pages, asked by their scripts, and put off."""

from __future__ import annotations

from datetime import datetime

from tests.flow.portal_site import Visitor

NEXT = "11月25日（水）午前8時30分"


async def test_the_page_tells_when_it_ends(bidder: Visitor) -> None:
    menu = await bidder.get("/registration/menu")
    assert (
        "この接続は午前11時02分まで有効です（操作を続けると延びます）。本日の利用時間は午後8時00分までです。"
        in menu.text
    )
    assert "始めた手続は" not in menu.text
    assert "5分たつと閉じます。" in menu.text
    search = await bidder.login()
    assert "始めた手続は午後8時15分まで続けられます。" in search.text
    assert "この接続は" not in (await bidder.get("/")).text


async def test_asking_prolongs_nothing_and_the_button_everything(bidder: Visitor) -> None:
    await bidder.login()
    bidder.made.wait(minutes=20)
    async with bidder.client.get("/api/visit") as response:
        asked = await response.json()
    assert asked["session"] == {
        "at": "2026-11-24T02:02:03.000+00:00",
        "clock": "午前11時02分",
        "day": "11月24日（火）午前11時02分",
    }
    assert (asked["closing"]["clock"], asked["last"]["clock"]) == ("午後8時00分", "午後8時15分")
    assert (asked["opens"]["day"], asked["warnSession"], asked["warnClosing"]) == (NEXT, 300_000, 900_000)
    for _ in range(12):  # WCAG 2.2.1 wants ten times at least
        bidder.made.wait(minutes=39)
        status, extended = await bidder.call("/api/visit", {})
        assert status == 200
        assert datetime.fromisoformat(extended["session"]["at"]).timestamp() == bidder.made.time.timestamp() + 3600
    assert (await bidder.get("/registration/search")).status == 200
    bidder.made.wait(minutes=60)
    status, problem = await bidder.call("/api/visit", {})
    assert (status, problem["code"]) == (403, "session_ended")
    async with bidder.client.get("/api/visit") as response:
        assert response.status == 403


async def test_the_button_needs_the_token_of_its_page(bidder: Visitor) -> None:
    await bidder.login()
    status, problem = await bidder.call("/api/visit", {}, **{"X-CSRF-Token": "x"})
    assert (status, problem["code"]) == (403, "page_stale")
