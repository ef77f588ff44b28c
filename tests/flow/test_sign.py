"""Signing through both doors over a practice card with a real counter."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bridge.card.practice import card as practice
from bridge.card.practice import slot as practice_slot
from bridge.card.profiles.recognition import profiles
from bridge.card.safety.guard import CONFIRMATION, INSISTENCE
from bridge.card.signature.statement import confirmation_number
from tests.flow.bridge import FOURTH, ORIGIN, OTHER, THIRD, Bridge, Page, gone, is_alive, statement

pytestmark = pytest.mark.asyncio(loop_scope="module")

RARE_PIN = "73920518"
"""Wrong for the card, and unlikely to stand in memory by chance."""


async def sign(page: Page, **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement(), **more}


def verified(cms: str, bridge: Bridge) -> dict[str, Any]:
    """The content, when openssl accepts the CMS against the practice CA."""
    path = bridge.directory / "statement.p7m"
    path.write_bytes(base64.b64decode(cms))
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", str(path), "-purpose", "any"]
    result = subprocess.run([*command, "-CAfile", str(bridge.practice / "ca.pem")], capture_output=True, check=True)
    content: dict[str, Any] = json.loads(result.stdout)
    return content


async def test_the_window_shows_what_openssl_finds_signed(bridge: Bridge) -> None:
    bridge.plan("pin 1234")
    async with bridge.page() as page:
        params = await sign(page)
        signed = verified((await page.result("sign", params))["statement"], bridge)
    question = bridge.questions()[0]
    assert (signed["origin"], signed["payload"]) == (ORIGIN, params["statement"]["payload"])
    assert question["origin"] == ORIGIN
    assert question["confirmation"] == confirmation_number(params["statement"])
    first, heading, *rest = question["content"]["lines"]
    assert first == {"depth": 0, "label": "企業名称", "value": "北東組株式会社"}
    assert (heading["value"], [line["value"] for line in rest][1::2]) == (None, [signed["aud"], signed["nonce"]])
    assert question["tries"] == {"hint": "many", "count": 3, "max": 3, "source": "card"}


async def test_a_pin_session_spares_the_typing_but_not_the_window(bridge: Bridge) -> None:
    bridge.plan("pin 1234", "yes")
    async with bridge.page() as page:
        first = await page.result("sign", await sign(page, keepPinSession=True))
        second = await page.result("sign", await sign(page, pinSession=first["pinSession"]))
        verified(second["statement"], bridge)
        assert [question["kind"] for question in bridge.questions()] == ["pin", "confirm"]
        assert await page.result("pin/close", {"pinSession": first["pinSession"]}) == {}
        ended = await page.refusal("sign", await sign(page, pinSession=first["pinSession"]))
    assert ended["code"] == "pin_session_ended"


async def test_a_page_closes_its_session_while_a_window_is_open(bridge: Bridge) -> None:
    bridge.plan("pin 1234", "later")
    async with bridge.page() as page:
        opened = await page.result("sign", await sign(page, keepPinSession=True))
        kept = {"pinSession": opened["pinSession"]}
        asked = asyncio.create_task(page.refusal("sign", await sign(page, **kept)))
        await bridge.open_window(2)
        assert await page.result("pin/close", kept) == {}
        (bridge.directory / "go").touch()
        assert (await asked)["code"] == "pin_session_ended"


async def test_pin_open_gives_a_session_with_an_end(bridge: Bridge) -> None:
    bridge.plan("pin 1234", "yes")
    async with bridge.page() as page:
        params = {"certificate": await page.certificate(), "action": "カードの確認"}
        opened = await page.result("pin/open", params)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", opened["expiresAt"])
        await page.result("sign", await sign(page, pinSession=opened["pinSession"]))
        await page.result("pin/close", {"pinSession": opened["pinSession"]})


async def test_a_wrong_pin_tells_the_tries_left_and_the_page_gets_no_pin(bridge: Bridge) -> None:
    bridge.plan("pin 9999")
    async with bridge.page() as page:
        body = await page.refusal("sign", await sign(page))
    assert (body["code"], body["tries"]["count"], bridge.tries_left) == ("pin_wrong", 2, 2)
    assert "残り2回" in body["detail"]


async def test_last_try_lock_and_locked_card(bridge: Bridge) -> None:
    word = CONFIRMATION["ja"]
    bridge.plan("pin 9991", "pin 9992", "pin 9993", f"pin 9994 {word}")
    async with bridge.page() as page:
        codes = [(await page.refusal("sign", await sign(page)))["code"] for _ in range(5)]
    assert codes == ["pin_wrong", "pin_wrong", "pin_last_try", "pin_locked", "pin_locked"]
    assert [question["typed"] for question in bridge.questions()] == [None, None, word, word]


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_a_locked_card_opens_no_window_and_says_how_it_is_unlocked(bridge: Bridge, language: str) -> None:
    practice.write(bridge.practice, practice.read(bridge.practice)._replace(tries_left=0))
    async with bridge.page() as page:
        _, body = await page.post("sign", await sign(page), **{"Accept-Language": language})
    assert (body["code"], body["help"]) == ("pin_locked", profiles().named("practice").unlock(language))
    assert bridge.questions() == []


async def test_the_same_wrong_pin_is_sent_once_even_after_the_host_died(bridge: Bridge) -> None:
    bridge.plan("pin 9999", "pin 9999", "cancel")
    async with bridge.page() as page:
        assert (await page.refusal("sign", await sign(page)))["code"] == "pin_wrong"
        host = host_pid(bridge)
        os.kill(host, signal.SIGKILL)
        assert await gone(host)
        assert (await page.refusal("sign", await sign(page)))["code"] == "pin_cancelled"
    assert bridge.tries_left == 2
    last = bridge.questions()[-1]
    assert (last["notice"], last["insistence"]) == ("same_pin", INSISTENCE["ja"])


async def test_the_same_wrong_pin_is_sent_again_when_the_person_insists(bridge: Bridge) -> None:
    bridge.plan("pin 9999", "pin 9999", f"insist 9999 {INSISTENCE['ja']}")
    async with bridge.page() as page:
        for left in (2, 1):
            body = await page.refusal("sign", await sign(page))
            assert (body["code"], body["tries"]["count"]) == ("pin_wrong", left)
    assert bridge.tries_left == 1


def host_pid(bridge: Bridge) -> int:
    assert bridge.process is not None
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
            command = (entry.parent / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == bridge.process.pid and b"bridge.card.host" in command:
            return int(entry.parent.name)
    raise AssertionError("no card host is running")


async def test_a_host_killed_while_the_window_is_open(bridge: Bridge) -> None:
    bridge.plan("wait", "pin 1234")
    async with bridge.page() as page:
        waiting = asyncio.create_task(page.refusal("sign", await sign(page)))
        window = await bridge.open_window(1)
        os.kill(host_pid(bridge), signal.SIGKILL)
        assert (await waiting)["code"] == "module_failed"
        assert await gone(window)
        assert "statement" in await page.result("sign", await sign(page))
    assert bridge.tries_left == 3


async def test_an_empty_reader_opens_no_window_and_the_card_put_back_works(bridge: Bridge) -> None:
    async with bridge.page() as page:
        params = await sign(page)
        practice_slot.remove(bridge.practice)
        assert (await page.refusal("sign", params))["code"] == "no_card"
        assert bridge.questions() == []
        practice_slot.insert(bridge.practice)
        assert (await page.refusal("sign", params))["code"] == "pin_cancelled"


async def test_a_card_pulled_while_the_window_is_open(bridge: Bridge) -> None:
    bridge.plan("later 1234")
    async with bridge.page(FOURTH) as page:
        params = await sign(page)
        waiting = asyncio.create_task(page.refusal("sign", params))
        await bridge.open_window(1)
        practice_slot.remove(bridge.practice)
        (bridge.directory / "go").touch()
        assert (await waiting)["code"] == "card_removed"
    assert bridge.tries_left == 3


async def test_another_insertion_ends_the_pin_session(bridge: Bridge) -> None:
    bridge.plan("pin 1234")
    async with bridge.page() as page, page.socket() as socket:
        await socket.ask(1, "sign", await sign(page, keepPinSession=True))
        kept = (await socket.reply(1))["result"]["pinSession"]
        await page.until_card_seen()
        practice_slot.remove(bridge.practice)
        assert (await socket.event("cardRemoved"))["reader"] == practice_slot.READER
        assert (await socket.event("pinSessionEnded"))["pinSession"] == kept
        practice_slot.insert(bridge.practice)
        await socket.event("cardInserted")


async def test_another_origin_cannot_use_a_pin_session_and_ends_it_by_its_own(bridge: Bridge) -> None:
    bridge.plan("pin 1234", "pin 1234")
    async with bridge.page() as page, bridge.page(OTHER) as other:
        kept = (await page.result("sign", await sign(page, keepPinSession=True)))["pinSession"]
        assert (await other.refusal("sign", await sign(other, pinSession=kept)))["code"] == "pin_session_ended"
        theirs = (await other.result("sign", await sign(other, keepPinSession=True)))["pinSession"]
        assert (await page.refusal("sign", await sign(page, pinSession=kept)))["code"] == "pin_session_ended"
        await other.result("pin/close", {"pinSession": theirs})


async def test_a_closed_socket_takes_its_window_away_and_the_next_request_works(bridge: Bridge) -> None:
    bridge.plan("wait", "pin 1234")
    async with bridge.page() as page:
        async with page.socket() as socket:
            await socket.ask(1, "sign", await sign(page))
            window = await bridge.open_window(1)
        assert await gone(window)
        assert "statement" in await page.result("sign", await sign(page))
    assert bridge.tries_left == 3


async def test_cancel_on_the_socket_closes_the_window(bridge: Bridge) -> None:
    bridge.plan("wait")
    async with bridge.page() as page, page.socket() as socket:
        await socket.ask(7, "sign", await sign(page))
        window = await bridge.open_window(1)
        await socket.raw.send_json({"id": 7, "cancel": True})
        assert (await socket.reply(7))["error"]["code"] == "consent_cancelled"
        assert await gone(window)


async def test_one_window_at_a_time(bridge: Bridge) -> None:
    bridge.plan("wait")
    async with bridge.page() as page, bridge.page(OTHER) as other, page.socket() as socket:
        params = await sign(page)
        await socket.ask(1, "sign", params)
        window = await bridge.open_window(1)
        assert (await other.refusal("sign", params))["code"] == "busy"
        assert is_alive(window)


async def test_a_window_that_crashes_is_a_cancel(bridge: Bridge) -> None:
    bridge.plan("crash")
    async with bridge.page(FOURTH) as page:
        assert (await page.refusal("sign", await sign(page)))["code"] == "pin_cancelled"
    assert bridge.tries_left == 3


async def test_no_trace_of_a_pin_is_left(bridge: Bridge) -> None:
    """Not in the daemon's memory, not in any file, log or reply; the host read it in place and wiped it."""
    bridge.plan(f"pin {RARE_PIN}")
    async with bridge.page() as page:
        body = await page.refusal("sign", await sign(page))
        assert body["code"] == "pin_wrong"
        assert bridge.process is not None
        assert count_in_memory(bridge.process.pid, RARE_PIN.encode()) == 0
        if os.getuid() == 0:  # the host's memory is for root alone (PR_SET_DUMPABLE)
            assert count_in_memory(host_pid(bridge), RARE_PIN.encode()) == 0
    (bridge.directory / "plan").unlink()
    for path in bridge.directory.rglob("*"):
        assert not path.is_file() or RARE_PIN.encode() not in path.read_bytes(), path


def count_in_memory(pid: int, needle: bytes) -> int:
    """How often bytes stand in the writable memory of a process (proc(5))."""
    found = 0
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
            addresses, flags, *_ = line.split()
            if "w" not in flags:
                continue
            start, end = (int(part, 16) for part in addresses.split("-"))
            try:
                memory.seek(start)
                found += memory.read(end - start).count(needle)
            except (OSError, ValueError, OverflowError):
                continue
    return found


async def test_three_cancels_in_a_minute_make_that_origin_wait(bridge: Bridge) -> None:
    """An origin of its own: the wait is a minute."""
    async with bridge.page(THIRD) as page:
        params = await sign(page)
        codes = [(await page.refusal("sign", params))["code"] for _ in range(4)]
    assert codes == ["pin_cancelled"] * 3 + ["rate_limited"]
    assert len(bridge.questions()) == 3


async def test_the_reply_speaks_the_browsers_language(bridge: Bridge) -> None:
    async with bridge.page(FOURTH) as page:
        _, body = await page.post("sign", await sign(page), **{"Accept-Language": "en-GB,en;q=0.8"})
    assert body["title"] == "PIN entry cancelled"
