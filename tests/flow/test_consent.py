"""Consent over both doors of a running daemon, with a planned window program; each test has a daemon of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bridge.card.practice import slot as practice_slot
from tests.flow.bridge import ORIGIN, Bridge, Page, gone, is_alive, prepare, statement

NEW, NEWER, NEWEST = "https://new.example", "https://newer.example", "https://newest.example"


class Asking(Bridge):
    """A bridge that may ask, and the person's side of its consent windows."""

    def answers(self, *steps: str) -> None:
        (self.directory / "consent-plan").write_text("\n".join(steps), encoding="utf-8")

    def asked(self) -> list[dict[str, Any]]:
        file = self.directory / "consents.jsonl"
        return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []

    async def consent_window(self, number: int = 1) -> int:
        """Wait until window `number` is open; its process id."""
        for _ in range(2400):
            if len(self.asked()) >= number:
                return int((self.directory / "consent-pid").read_text(encoding="ascii"))
            await asyncio.sleep(0.025)
        raise AssertionError("no consent window was opened")

    async def restart(self) -> None:
        await self.stop()
        await self.start(origins={"locked": False})

    def terminal(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "origins", "--config"]
        whole = [*command, str(self.directory / "bridge.toml"), *words]
        return subprocess.run(whole, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


async def until_empty(page: Page) -> None:
    for _ in range(600):
        if not any(reader["card"] for reader in (await page.result("readers", {}))["readers"]):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the daemon still sees a card")


@pytest_asyncio.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Asking]:
    made = Asking(prepare(tmp_path).directory)
    await made.start(origins={"locked": False})
    yield made
    await made.stop()


async def test_remembered_through_a_restart_and_asked_once(asking: Asking) -> None:
    asking.answers("remember")
    async with asking.page(NEW) as page:
        assert (await page.result("connect", {}))["origin"] == NEW
        assert (await page.result("readers", {}))["readers"]
    await asking.restart()
    async with asking.page(NEW) as page:
        await page.result("connect", {})
    assert asking.asked() == [{"v": 1, "language": "ja", "origin": NEW, "timeoutSeconds": 120}]


async def test_the_log_says_what_was_answered(asking: Asking) -> None:
    asking.answers("remember", "no", "once")
    for origin in (NEW, NEWER, NEWEST):
        async with asking.page(origin) as page:
            await page.post("connect", {})
    await asking.stop()
    lines = (asking.directory / "log" / "bridge.log").read_text(encoding="utf-8").splitlines()
    told = [line for line in map(json.loads, lines) if line["event"] == "consent"]
    answers = [(line["origin"], line["verdict"]) for line in told]
    assert answers == [(NEW, "remember"), (NEWER, "no"), (NEWEST, "once")]


async def test_once_is_until_the_daemon_stops_also_when_it_is_killed(asking: Asking) -> None:
    asking.answers("once", "no")
    async with asking.page(NEW) as page:
        await page.result("connect", {})
        assert asking.process is not None
        asking.process.send_signal(signal.SIGKILL)
        await asking.restart()
    async with asking.page(NEW) as page:
        assert (await page.refusal("connect", {}))["code"] == "origin_denied"
    assert len(asking.asked()) == 2


async def test_a_no_is_final_for_a_while_and_other_methods_never_ask(asking: Asking) -> None:
    asking.answers("no", "remember")
    async with asking.page(NEW) as page:
        for method in ("readers", "connect", "connect", "certificates"):
            assert (await page.refusal(method, {}))["code"] == "origin_denied"
    assert len(asking.asked()) == 1


async def test_a_socket_gets_events_only_after_its_grant(asking: Asking) -> None:
    asking.answers("later once")
    asking.fresh_card()
    async with asking.page() as allowed, asking.page(NEW) as page, page.socket() as socket:
        await allowed.until_card_seen()
        await socket.ask(1, "connect", {})
        await asking.consent_window()
        await socket.ask(2, "readers", {})
        assert (await socket.reply(2))["error"]["code"] == "origin_denied"
        practice_slot.remove(asking.practice)
        await until_empty(allowed)
        (asking.directory / "consent-go").touch()
        assert (await socket.reply(1))["result"]["origin"] == NEW
        assert socket.events == []
        practice_slot.insert(asking.practice)
        assert await socket.event("cardInserted")
        assert [event["event"] for event in socket.events] == ["cardInserted"]


async def test_a_page_that_goes_away_takes_its_window_along(asking: Asking) -> None:
    asking.answers("wait", "wait")
    async with asking.page(NEW) as page, page.socket() as socket:
        await socket.ask(1, "connect", {})
        first = await asking.consent_window()
        assert is_alive(first)
    assert await gone(first)
    async with asking.page(NEW) as page:
        request = asyncio.create_task(page.post("connect", {}))
        second = await asking.consent_window(2)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
    assert await gone(second)


async def test_a_killed_daemon_leaves_no_window(asking: Asking) -> None:
    asking.answers("wait")
    async with asking.page(NEW) as page, page.socket() as socket:
        await socket.ask(1, "connect", {})
        window = await asking.consent_window()
        assert asking.process is not None
        asking.process.send_signal(signal.SIGKILL)
        assert await gone(window)
    await asking.restart()


async def test_a_page_that_loops_connect_opens_three_windows_and_no_more(asking: Asking) -> None:
    asking.answers(*["wait"] * 9)
    codes = []
    async with asking.page(NEW) as page:
        for number in range(1, 4):
            async with page.socket() as socket:
                await socket.ask(1, "connect", {})
                window = await asking.consent_window(number)
            assert await gone(window)
        codes += [(await page.refusal("connect", {}))["code"] for _ in range(5)]
    async with asking.page(NEWER) as page:
        codes.append((await page.refusal("connect", {}))["code"])
    async with asking.page() as page:
        await page.result("connect", {})
    assert codes == ["rate_limited"] * 6
    assert len(asking.asked()) == 3


@pytest.mark.parametrize("fault", ["crash", "nonsense", "flood"])
async def test_a_window_that_misbehaves_grants_nothing(asking: Asking, fault: str) -> None:
    asking.answers(fault, "once")
    async with asking.page(NEW) as page:
        assert (await page.refusal("connect", {}))["code"] == "origin_denied"
        assert await gone(await asking.consent_window())
        await page.result("connect", {})


async def test_the_two_kinds_of_windows_never_stand_side_by_side(asking: Asking) -> None:
    asking.fresh_card()
    asking.answers("wait")
    asking.plan("wait")
    async with asking.page() as allowed, asking.page(NEW) as page:
        certificate = await allowed.certificate()
        async with allowed.socket() as socket:
            await socket.ask(1, "pin/open", {"certificate": certificate, "action": "試験"})
            window = await asking.open_window(1)
            assert (await page.refusal("connect", {}))["code"] == "busy"
        assert await gone(window)
        assert asking.asked() == []
        async with page.socket() as socket:
            await socket.ask(1, "connect", {})
            await asking.consent_window()
            refusal = await allowed.refusal("pin/open", {"certificate": certificate, "action": "試験"})
            assert refusal["code"] == "busy"
    assert len(asking.questions()) == 1


async def test_revoking_in_a_terminal_closes_the_sockets_and_the_pin_session(asking: Asking) -> None:
    asking.fresh_card()
    asking.answers("remember")
    asking.plan("pin 1234", "yes")
    async with asking.page(NEW) as page, page.socket() as socket:
        await socket.ask(1, "connect", {})
        await socket.reply(1)
        certificate = await page.certificate()
        opened = await page.result("pin/open", {"certificate": certificate, "action": "試験"})
        done = asking.terminal("revoke", NEW)
        assert (done.returncode, done.stdout) == (0, f"revoked: {NEW}\n")
        assert await socket.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
        assert (await page.refusal("readers", {}))["code"] == "origin_denied"
        assert asking.terminal("allow", NEW).returncode == 0
        params = {"certificate": certificate, "statement": statement(), "pinSession": opened["pinSession"]}
        assert (await page.refusal("sign", params))["code"] == "pin_session_ended"


async def test_a_terminal_allows_lists_and_revokes(asking: Asking) -> None:
    assert asking.terminal("allow", "HTTPS://Example.JP:443/path").stdout == "allowed: https://example.jp\n"
    assert asking.terminal("allow", "https://入札.example").stdout == "allowed: https://xn--y5qw44c.example\n"
    listed = json.loads(asking.terminal("list", "--json").stdout)
    assert listed["locked"] is False
    assert {row["origin"]: row["by"] for row in listed["origins"] if row["by"] != "policy"} == {
        "https://example.jp": "person",
        "https://xn--y5qw44c.example": "person",
    }
    assert f"{ORIGIN}  policy  " in asking.terminal("list").stdout
    async with asking.page("https://example.jp") as page:
        await page.result("connect", {})
    assert asking.terminal("revoke", "https://never.example").returncode == 1
    for typed in ("portal.example", "http://portal.example", "https://", "https://a@b.example", "https://*.example"):
        assert asking.terminal("allow", typed).returncode == 2, typed


async def test_a_fixed_list_asks_nobody_and_no_terminal_changes_it(asking: Asking) -> None:
    assert asking.terminal("allow", NEW).returncode == 0
    await asking.stop()
    await asking.start(origins={"locked": True})
    async with asking.page(NEW) as page:
        assert (await page.refusal("connect", {}))["code"] == "origin_denied"
    assert asking.asked() == []
    for words in (("allow", NEWER), ("revoke", NEW)):
        done = asking.terminal(*words)
        assert (done.returncode, "the list is fixed by" in done.stderr) == (1, True)
    assert NEW not in asking.terminal("list").stdout
