"""What the bridge leaves in its record of a road, and that nothing is signed without its line."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import resource
import stat
from pathlib import Path
from typing import Any

import pytest

from bridge import problems
from bridge.audit import reading, receipt
from bridge.audit.chain import Line
from bridge.audit.verify import verify
from tests.flow.bridge import ORIGIN, OTHER, Bridge, Page, prepare, statement
from tests.flow.test_sign import verified

pytestmark = pytest.mark.asyncio(loop_scope="module")

RARE_PIN, RARE_VALUE = "73920518", "極秘の入札額"


def folder(bridge: Bridge) -> Path:
    return bridge.directory / "audit"


def lines(bridge: Bridge, since: int = 0) -> list[Line]:
    return [line for line in reading.lines(folder(bridge)) if line.number > since]


def last(bridge: Bridge) -> int:
    return max((line.number for line in reading.lines(folder(bridge))), default=0)


async def until(bridge: Bridge, event: str, since: int) -> Line:
    for _ in range(400):
        for line in lines(bridge, since):
            if line.event == event:
                return line
        await asyncio.sleep(0.05)
    raise AssertionError(f"no line of {event}")


async def signing(page: Page, **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement(), **more}


async def test_a_signature_leaves_what_was_signed_when_for_whom_and_the_page_its_receipt(bridge: Bridge) -> None:
    bridge.plan("pin 1234")
    async with bridge.page() as page:
        params = await signing(page)
        result = await page.result("sign", params)
    content = verified(result["statement"], bridge)
    (line,) = [each for each in lines(bridge) if each.event == "sign"]
    cms = base64.b64decode(result["statement"])
    assert line.facts == {
        "origin": ORIGIN,
        "type": "registration",
        "action": "利用者登録（登録）",
        "aud": ORIGIN,
        "certificate": params["certificate"],
        "outcome": "ok",
        "statement": hashlib.sha256(canonical(content)).hexdigest(),
        "cms": hashlib.sha256(cms).hexdigest(),
    }
    assert line.at[:16] == content["issuedAt"][:16]
    assert result["receipt"] == receipt.of(line, numbered=False).wire()
    assert "line" not in result["receipt"]
    kept = receipt.parse(json.dumps(result["receipt"]).encode())
    assert verify(reading.pieces(folder(bridge)), [kept]).findings == ()


def canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


async def test_what_was_refused_and_how_a_pin_session_went_is_there_too(bridge: Bridge) -> None:
    since = last(bridge)
    bridge.plan(f"pin {RARE_PIN}", "cancel", "pin 1234")
    async with bridge.page() as page:
        params = await signing(page)
        for _ in range(2):
            await page.refusal("sign", params)
        opened = await page.result("pin/open", {"certificate": params["certificate"], "action": "確認"})
        await page.result("pin/close", {"pinSession": opened["pinSession"]})
        ended = await until(bridge, "pinSessionEnded", since)
    told = [(line.event, line.facts.get("outcome"), line.facts.get("tries")) for line in lines(bridge, since)]
    assert [each for each in told if each[0] != "certificates"] == [
        ("sign", "pin_wrong", 2),
        ("sign", "pin_cancelled", None),
        ("pin/open", "ok", 3),
        ("pinSessionEnded", None, None),
    ]
    (session,) = {line.facts["session"] for line in lines(bridge, since) if "session" in line.facts}
    assert session not in opened["pinSession"]
    assert (ended.facts["reason"], ended.facts["origin"]) == ("closed", ORIGIN)


async def test_no_pin_no_content_and_no_name_is_in_it_and_it_is_private(bridge: Bridge) -> None:
    bridge.plan(f"pin {RARE_PIN}", "pin 1234")
    secret = statement(payload={"sections": [{"label": "金額", "value": RARE_VALUE}]})
    async with bridge.page() as page:
        (found,) = (await page.result("certificates", {}))["certificates"]
        params = {"certificate": found["id"], "statement": secret, "keepPinSession": True}
        await page.refusal("sign", params)
        signed = await page.result("sign", params)
        await page.result("pin/close", {"pinSession": signed["pinSession"]})
    raw = b"".join(piece.raw for piece in reading.pieces(folder(bridge))).decode()
    assert found["id"] in raw
    for word in (RARE_PIN, RARE_VALUE, "金額", secret["nonce"], signed["pinSession"], *found["holder"].values()):
        assert word not in raw
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder(bridge).iterdir()} == {0o600}


async def test_what_a_page_can_repeat_alone_is_written_once(bridge: Bridge) -> None:
    async with bridge.page(OTHER) as page:
        since = last(bridge)
        for _ in range(5):
            await page.result("certificates", {"purpose": "sign"})
        for number in range(5):
            unknown = {"certificate": f"{number}" * 64, "statement": statement()}
            assert (await page.refusal("sign", unknown))["code"] == "no_certificate"
        await page.result("readers", {})
    told = [(line.event, line.facts["outcome"]) for line in lines(bridge, since)]
    assert told == [("certificates", "ok"), ("sign", "no_certificate")]


async def test_a_page_that_goes_away_is_no_answer_of_the_persons(bridge: Bridge) -> None:
    since = last(bridge)
    bridge.plan("wait")
    async with bridge.page() as page, page.socket() as socket:
        await socket.ask(1, "sign", await signing(page))
        await bridge.open_window(1)
        await socket.raw.send_json({"id": 1, "cancel": True})
        await socket.reply(1)
    line = await until(bridge, "sign", since)
    assert line.facts["outcome"] == "page_gone"


async def test_a_record_that_others_can_write_stops_signatures_before_a_window_opens(bridge: Bridge) -> None:
    (file,) = folder(bridge).glob("*.jsonl")
    async with bridge.page() as page:
        params = await signing(page)
        file.chmod(0o666)
        try:
            body = await page.refusal("sign", params)
            opened = await page.refusal("pin/open", {"certificate": params["certificate"], "action": "確認"})
        finally:
            file.chmod(0o600)
        assert (body["code"], body["status"], opened["code"]) == ("audit_failed", 503, "audit_failed")
        assert bridge.questions() == []
        bridge.plan("pin 1234")
        await page.result("sign", params)
    assert verify(reading.pieces(folder(bridge))).is_whole


async def test_a_signature_whose_line_does_not_fit_on_the_disk_does_not_leave(bridge: Bridge) -> None:
    assert bridge.process is not None
    (file,) = folder(bridge).glob("*.jsonl")
    bridge.plan("pin 1234", "pin 1234")
    async with bridge.page() as page:
        params = await signing(page, keepPinSession=True)
        limit = file.stat().st_size + 100
        before = resource.prlimit(bridge.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            body = await page.refusal("sign", params)
        finally:
            resource.prlimit(bridge.process.pid, resource.RLIMIT_FSIZE, before)
        assert body["code"] == "audit_failed"
        assert len(bridge.questions()) == 1
        assert [entry[2] for entry in bridge.ledger()] == [""]  # its login was ended on the card
        signed = await page.result("sign", params)
        await page.result("pin/close", {"pinSession": signed["pinSession"]})
    assert verify(reading.pieces(folder(bridge))).findings == ()


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_its_refusal_says_what_to_do(language: str) -> None:
    text = problems.texts()["audit_failed"][language]
    assert ("1MB" in text["help"]) or ("1 MB" in text["help"])


async def test_two_bridges_share_one_record(tmp_path: Path) -> None:
    shared = {"directory": str(tmp_path / "audit")}
    bridges = [prepare(tmp_path / name) for name in ("one", "two")]
    for each in bridges:
        each.fresh_card()
    await asyncio.gather(*(each.start(audit=shared) for each in bridges))
    try:
        for _ in range(2):
            await asyncio.gather(*(_sign_once(each) for each in bridges))
    finally:
        await asyncio.gather(*(each.stop() for each in bridges))
    found = list(reading.lines(tmp_path / "audit"))
    assert len(reading.signatures(found)) == 4
    assert verify(reading.pieces(tmp_path / "audit")).findings == ()


async def _sign_once(bridge: Bridge) -> None:
    bridge.plan("pin 1234")
    async with bridge.page() as page:
        await page.result("sign", await signing(page))


async def test_what_the_person_said_of_a_site_is_there(tmp_path: Path) -> None:
    bridge = prepare(tmp_path)
    await bridge.start(origins={"locked": False})
    try:
        (tmp_path / "consent-plan").write_text("once", encoding="utf-8")
        async with bridge.page("https://new.example") as page:
            await page.result("connect", {})
        line = await until(bridge, "consent", 0)
    finally:
        await bridge.stop()
    assert line.facts == {"origin": "https://new.example", "outcome": "once"}


async def test_a_killed_daemon_leaves_a_record_that_goes_on(tmp_path: Path) -> None:
    bridge = prepare(tmp_path)
    bridge.fresh_card()
    kept = []
    for _ in range(2):
        await bridge.start()
        bridge.plan("pin 1234")
        async with bridge.page() as page:
            result = await page.result("sign", await signing(page))
        kept.append(receipt.parse(json.dumps(result["receipt"]).encode()))
        assert bridge.process is not None
        bridge.process.kill()
        await bridge.process.wait()
    assert verify(reading.pieces(folder(bridge)), kept).findings == ()
