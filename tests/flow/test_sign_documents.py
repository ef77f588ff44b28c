"""Documents through both doors: one consent, one PIN, and signatures that openssl accepts."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.audit import reading
from bridge.audit.chain import Line
from bridge.card.practice import pki as practice_pki
from bridge.card.signature import cades
from bridge.card.signature.statement import CONTENT_TYPE
from portal.refusals import Refused
from portal.signatures import cms, ladder
from tests.card_host import CardHost
from tests.flow.bridge import ORIGIN, OTHER, Bridge, Page, prepare, statement
from tests.flow.documents import document, opened, verifies

pytestmark = pytest.mark.asyncio(loop_scope="module")

V1, V3 = b"\x02\x01\x01", b"\x02\x01\x03"
"""The version of a document's SignedData, and of a statement's."""
EXPECTED = ladder.Expected("registration", "利用者登録（登録）", ORIGIN, ORIGIN, "visit", None)
ONE, TWO = b"%PDF-1.7 \xff\r\n one", "内訳\r\n".encode()


async def asked(page: Page, *documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "action": "入札書類の提出", "documents": [*documents], **more}


def record(bridge: Bridge) -> list[Line]:
    return [line for line in reading.lines(bridge.directory / "audit") if line.event == "sign"]


async def test_openssl_accepts_what_the_window_listed(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234")
    wanted = [document(ONE), document(TWO, "cades-attached", "内訳.csv", hash="SHA-512")]
    async with bridge.page() as page:
        made = (await page.result("sign", await asked(page, *wanted)))["signatures"]
    detached, attached = (base64.b64decode(each["signature"]) for each in made)
    authority = bridge.practice / "ca.pem"
    assert opened(tmp_path, authority, detached, ONE) == ONE
    assert opened(tmp_path, authority, attached) == TWO
    with pytest.raises(subprocess.CalledProcessError):
        opened(tmp_path, authority, detached, ONE + b" ")
    (question,) = bridge.questions()
    assert (question["action"], question["origin"], question["confirmation"]) == ("入札書類の提出", ORIGIN, None)
    assert question["content"]["documents"] == [
        _shown("内訳書.pdf", ONE),
        _shown("内訳.csv", TWO),
    ]


def _shown(name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "size": len(content), "hash": "SHA-256", "digest": digest, "raw": False}


async def test_each_document_has_its_line_and_its_receipt(bridge: Bridge) -> None:
    bridge.plan("pin 1234")
    before = len(record(bridge))
    async with bridge.page() as page:
        wanted = await asked(page, document(ONE), document(TWO, "cades-attached"))
        made = (await page.result("sign", wanted))["signatures"]
    lines = record(bridge)[before:]
    assert [line.facts["document"] for line in lines] == [hashlib.sha256(each).hexdigest() for each in (ONE, TWO)]
    assert [each["receipt"]["hash"] for each in made] == [line.hash for line in lines]
    for each, line in zip(made, lines, strict=True):
        signature = hashlib.sha256(base64.b64decode(each["signature"])).hexdigest()
        assert line.facts["signature"] == each["receipt"]["signature"] == signature
        assert (line.facts["outcome"], line.facts["action"]) == ("ok", "入札書類の提出")
        assert "内訳" not in json.dumps(line.facts, ensure_ascii=False)


async def test_a_pin_session_signs_documents_after_a_yes(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234", "yes")
    async with bridge.page() as page:
        first = await page.result("sign", await asked(page, document(ONE), keepPinSession=True))
        kept = {"pinSession": first["pinSession"]}
        second = await page.result("sign", await asked(page, document(TWO), **kept))
        await page.result("pin/close", kept)
    made = base64.b64decode(second["signatures"][0]["signature"])
    assert opened(tmp_path, bridge.practice / "ca.pem", made, TWO) == TWO
    assert [question["kind"] for question in bridge.questions()] == ["pin", "confirm"]


async def test_a_wrong_pin_signs_none_of_them_and_spends_one_try(bridge: Bridge) -> None:
    bridge.plan("pin 9999")
    async with bridge.page() as page:
        body = await page.refusal("sign", await asked(page, *[document(ONE)] * 3))
    assert (body["code"], bridge.tries_left) == ("pin_wrong", 2)
    assert (record(bridge)[-1].facts["outcome"], record(bridge)[-1].facts["documents"]) == ("pin_wrong", 3)


async def test_a_batch_of_500_tells_how_far_it_is(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234")
    contents = [f"document {number}".encode() for number in range(500)]
    async with bridge.page() as page, page.socket() as socket:
        wanted = await asked(page, *(document(each, name=f"{at}.txt") for at, each in enumerate(contents)))
        await socket.ask(7, "sign", wanted)
        made = (await socket.reply(7))["result"]["signatures"]
    told = [event for event in socket.events if event["event"] == "signProgress"]
    assert told
    assert all((event["id"], event["total"]) == (7, 500) for event in told)
    assert [event["done"] for event in told] == sorted({event["done"] for event in told})
    assert len(bridge.questions()) == 1
    assert [each["sha256"] for each in made] == [hashlib.sha256(each).hexdigest() for each in contents]
    for at in (0, 499):
        assert opened(tmp_path, bridge.practice / "ca.pem", base64.b64decode(made[at]["signature"]), contents[at])


async def test_cancelling_stops_between_two_documents(bridge: Bridge) -> None:
    bridge.plan("pin 1234", "pin 1234")
    async with bridge.page() as page, page.socket() as socket:
        await socket.ask(1, "sign", await asked(page, *[document(ONE)] * 500))
        first = await socket.event("signProgress")
        await socket.raw.send_json({"id": 1, "cancel": True})
        assert (await socket.reply(1))["error"]["code"] == "consent_cancelled"
        made = record(bridge)[-1].facts["discarded"]
        assert first["done"] <= int(made) < 500
        assert record(bridge)[-1].facts["outcome"] == "page_gone"
        # The host has stopped as well: it takes the next request, with a PIN of its own.
        await page.result("sign", await asked(page, document(TWO)))
    assert [question["kind"] for question in bridge.questions()] == ["pin", "pin"]


async def test_a_card_that_is_taken_back_signs_no_further_document(bridge: Bridge) -> None:
    """`forget`: the person, the lock screen, or the end of the daemon."""
    bridge.fresh_card()
    host = CardHost(bridge.directory / "host", {"practice": True, "modules": []})
    (host.directory / "card").mkdir(parents=True)
    practice_pki.ensure(host.directory / "card" / "practice", datetime.now(UTC))
    host.start()
    try:
        host.plan("pin 1234")
        one = {"name": "a", "format": "cades-detached", "hash": "SHA-256", "content": "AA=="}
        named = {"origin": ORIGIN, "certificate": host.certificate(), "action": "提出"}
        host.begin("sign", **named, documents=[one] * 500)
        while host.event("progress")["done"] == 0:
            pass
        host.notify("forget")
        assert host.reply()["error"]["code"] == "pin_session_ended"
        assert max(event["done"] for event in host.events if event.get("event") == "progress") < 500
    finally:
        host.stop()


@pytest.mark.parametrize(
    "change",
    [
        {"format": "jades"},
        {"format": "CADES-DETACHED"},
        {"hash": "SHA-1"},
        {"hash": ["SHA-256"]},
        {"content": "%%%"},
        {"content": None},
        {"name": "a\u202eb"},
        {"name": ""},
        {"path": "/etc/passwd"},
        {"digest": "0" * 64},
    ],
)
async def test_a_document_of_another_form_is_refused(bridge: Bridge, change: dict[str, Any]) -> None:
    async with bridge.page() as page:
        body = await page.refusal("sign", await asked(page, {**document(ONE), **change}))
    assert (body["code"], bridge.questions()) == ("bad_request", [])


async def test_none_and_501_documents_are_refused(bridge: Bridge) -> None:
    async with bridge.page() as page:
        for count in (0, 501):
            assert (await page.refusal("sign", await asked(page, *[document(b"")] * count)))["code"] == "bad_request"


async def test_raw_is_refused_where_policy_names_no_one(bridge: Bridge) -> None:
    digest = {"name": "a", "format": "raw", "digest": "ab" * 32}
    async with bridge.page() as page:
        for wanted in (document(ONE, "raw"), digest):
            assert (await page.refusal("sign", await asked(page, wanted)))["code"] == "format_refused"
    assert bridge.questions() == []


async def test_a_statement_as_a_document_is_no_statement(bridge: Bridge, tmp_path: Path) -> None:
    """Byte for byte what the portal would accept, but under a document's content type."""
    bridge.plan("pin 1234", "pin 1234")
    async with bridge.page() as page:
        signed = await page.result("sign", {"certificate": await page.certificate(), "statement": statement()})
        assert ladder.open_statement(base64.b64decode(signed["statement"]), EXPECTED)
        content = cms.read(base64.b64decode(signed["statement"])).content
        made = (await page.result("sign", await asked(page, document(content, "cades-attached"))))["signatures"]
    forged = base64.b64decode(made[0]["signature"])
    assert opened(tmp_path, bridge.practice / "ca.pem", forged) == content
    for attempt, code in ((forged, "cms_malformed"), (forged.replace(V1, V3, 1), "content_type")):
        with pytest.raises(Refused) as refused:
            ladder.open_statement(attempt, EXPECTED)
        assert refused.value.code == code


async def test_a_site_that_policy_names_gets_raw_signatures_but_none_of_attributes(tmp_path: Path) -> None:
    (tmp_path / "bridge").mkdir()
    bridge = prepare(tmp_path / "bridge")
    await bridge.start(origins={"raw": [ORIGIN]})
    try:
        bridge.fresh_card()
        await _raw(bridge, tmp_path)
    finally:
        await bridge.stop()


async def _raw(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234", "yes")
    digest = {"name": "b", "format": "raw", "hash": "SHA-384", "digest": hashlib.sha384(TWO).hexdigest()}
    async with bridge.page() as page:
        der = base64.b64decode((await page.result("certificates", {}))["certificates"][0]["der"])
        made = (await page.result("sign", await asked(page, document(ONE, "raw"), digest)))["signatures"]
        assert [verifies(tmp_path, der, data, each) for data, each in zip((ONE, TWO), made, strict=True)] == [True] * 2
        (question,) = bridge.questions()
        assert [each["raw"] for each in question["content"]["documents"]] == [True, True]
        assert question["content"]["documents"][1]["size"] is None

        attributes = cades.signed_attributes(b"{}", CONTENT_TYPE, der, datetime.now(UTC))
        refused = await page.refusal("sign", await asked(page, document(attributes, "raw")))
        assert refused["code"] == "format_refused"
        assert len(bridge.questions()) == 1
    async with bridge.page(OTHER) as page:
        assert (await page.refusal("sign", await asked(page, document(ONE, "raw"))))["code"] == "format_refused"
