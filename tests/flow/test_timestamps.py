"""Documents with time-stamps (B-T), through both doors and the terminal, at an authority of openssl's on loopback."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asn1crypto import cms
from lxml import etree
from pyhanko.pdf_utils.reader import PdfFileReader

from bridge.audit import reading
from bridge.audit.chain import Line
from tests.flow.bridge import Bridge, Page, prepare
from tests.flow.documents import document, opened
from tests.flow.test_uploads import upload
from tests.time_stamps import Answer, Authority, Desk, desk
from tests.unit import pdf_world
from tests.unit.stamp_forgeries import refusal
from tests.unit.xades_world import XML, xmlsec_accepts

pytestmark = pytest.mark.asyncio(loop_scope="module")
LONG = bytes(3 << 20)
ONE, TWO = b"%PDF-1.7 \xff\r\n one", "内訳\r\n".encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    with desk(Authority(tmp_path_factory.mktemp("time") / "authority")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, open_desk: Desk) -> AsyncIterator[Bridge]:
    bridge = prepare(tmp_path_factory.mktemp("stamped"))
    await bridge.start(timestamps=_named(open_desk))
    yield bridge
    await bridge.stop()


@pytest.fixture
def stamped(running: Bridge, open_desk: Desk) -> Bridge:
    open_desk.answer = open_desk.well
    open_desk.asked.clear()
    running.fresh_card()
    return running


def _named(open_desk: Desk) -> dict[str, Any]:
    return {"url": open_desk.url, "trust": str(open_desk.authority.trust), "seconds": 20}


async def asked(page: Page, *documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "action": "入札書類の提出", "documents": [*documents], **more}


def record(bridge: Bridge) -> list[Line]:
    return [line for line in reading.lines(bridge.directory / "audit") if line.event == "sign"]


def token(signature: bytes) -> tuple[bytes, bytes]:
    """The time-stamp token of a signature, and the signature's value."""
    (info,) = cms.ContentInfo.load(signature, strict=True)["content"]["signer_infos"]
    (attribute,) = info["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token"
    (value,) = attribute["values"]
    return value.dump(), info["signature"].native


async def test_openssl_takes_signatures_and_time_stamps(stamped: Bridge, open_desk: Desk, tmp_path: Path) -> None:
    stamped.plan("pin 1234")
    wanted = [document(ONE), document(TWO, "cades-attached", "内訳.csv", hash="SHA-512")]
    async with stamped.page() as page:
        made = (await page.result("sign", await asked(page, *wanted, level="B-T")))["signatures"]
    detached, attached = (base64.b64decode(each["signature"]) for each in made)
    assert opened(tmp_path, stamped.practice / "ca.pem", detached, ONE) == ONE
    assert opened(tmp_path, stamped.practice / "ca.pem", attached) == TWO
    for signature, hash_ in ((detached, "sha256"), (attached, "sha512")):
        found, value = token(signature)
        assert open_desk.authority.holds(found, hashlib.new(hash_, value).digest(), hash_)
    lines = record(stamped)[-2:]
    assert [line.facts["timestamp"] for line in lines] == [each["timestamp"]["time"] for each in made]
    assert {each["timestamp"]["authority"] for each in made} == {"CN=Test Time"}
    for line, signature in zip(lines, (detached, attached), strict=True):
        assert line.facts["signature"] == hashlib.sha256(signature).hexdigest()


async def test_signatures_inside_and_around_documents_are_stamped(
    stamped: Bridge, open_desk: Desk, tmp_path: Path
) -> None:
    """XAdES in a document and beside one, and an attached CAdES too long for a reply."""
    stamped.plan("pin 1234")
    wanted = [document(XML, "xades", "入札書.xml"), document(TWO, "xades-detached", "図面.zip", hash="SHA-384")]
    async with stamped.page() as page:
        handle = (await upload(stamped, io.BytesIO(LONG)))[1]["document"]
        long = {"name": "long", "format": "cades-attached", "document": handle}
        inside, beside, around = (await page.result("sign", await asked(page, *wanted, long)))["signatures"]
        (tmp_path / "signed.xml").write_bytes(await page.download(inside["result"]["document"]))
        attached = await page.download(around["result"]["document"])
    (tmp_path / "図面.zip").write_bytes(TWO)
    (tmp_path / "beside.xml").write_bytes(base64.b64decode(beside["signature"]))
    for name, hash_ in (("signed.xml", "sha256"), ("beside.xml", "sha384")):
        assert xmlsec_accepts(tmp_path / name, stamped.practice / "ca.pem")
        found, covered = xml_token((tmp_path / name).read_bytes())
        assert open_desk.authority.holds(found, hashlib.new(hash_, covered).digest(), hash_)
    assert opened(tmp_path, stamped.practice / "ca.pem", attached) == LONG
    found, value = token(attached)
    assert open_desk.authority.holds(found, hashlib.sha256(value).digest())


def xml_token(signed: bytes) -> tuple[bytes, bytes]:
    """The token of an XAdES signature, and what it has to be over, canonical by libxml2."""
    tree = etree.fromstring(signed)
    (held,) = tree.iter("{http://uri.etsi.org/01903/v1.3.2#}EncapsulatedTimeStamp")
    (value,) = tree.iter("{http://www.w3.org/2000/09/xmldsig#}SignatureValue")
    return base64.b64decode(held.text), etree.tostring(value, method="c14n", exclusive=True, with_tail=False)


async def test_a_pdf_is_stamped_in_the_room_of_its_signature(stamped: Bridge, open_desk: Desk, tmp_path: Path) -> None:
    stamped.plan("pin 1234")
    async with stamped.page() as page:
        wanted = await asked(page, document(pdf_world.document(), "pades", "入札書.pdf"), level="B-T")
        (made,) = (await page.result("sign", wanted))["signatures"]
        signed = await page.download(made["result"]["document"])
    (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures
    (attribute,) = embedded.signer_info["unsigned_attrs"]
    (found,), value = attribute["values"], embedded.signer_info["signature"].native
    assert open_desk.authority.holds(found.dump(), hashlib.sha256(value).digest())
    assert pdf_world.pdfsig(tmp_path, signed) == ["Total document signed", "Signature Validation: Signature is Valid."]


async def test_a_policys_authority_stamps_what_asks_for_none(stamped: Bridge, open_desk: Desk) -> None:
    stamped.plan("pin 1234")
    async with stamped.page() as page, page.socket() as socket:
        await socket.ask(1, "sign", await asked(page, *[document(ONE)] * 6))
        made = (await socket.reply(1))["result"]["signatures"]
    assert len({token(base64.b64decode(each["signature"]))[0] for each in made}) == 6
    told = [event for event in socket.events if event["event"] == "signProgress" and "stamped" in event]
    assert [event["stamped"] for event in told] == [1, 2, 3, 4, 5, 6]
    assert {(event["done"], event["total"]) for event in told} == {(6, 6)}


async def test_an_authority_that_is_away_costs_nobody_a_pin(tmp_path: Path, open_desk: Desk) -> None:
    (tmp_path / "bridge").mkdir()
    bridge = prepare(tmp_path / "bridge")
    await bridge.start(timestamps={**_named(open_desk), "url": "http://127.0.0.1:1/", "seconds": 5})
    try:
        bridge.fresh_card()
        async with bridge.page() as page:
            assert (await page.refusal("sign", await asked(page, document(ONE))))["code"] == "timestamp_unavailable"
            # Statements are the portal's to date; they go on.
            assert (await page.post("readers", {}))[0] == 200
        assert (bridge.questions(), bridge.tries_left) == ([], 3)
        assert record(bridge)[-1].facts["outcome"] == "timestamp_unavailable"
    finally:
        await bridge.stop()


async def test_a_refusal_in_the_middle_lets_no_signature_out_and_locks_the_card_again(
    stamped: Bridge, open_desk: Desk
) -> None:
    stamped.plan("pin 1234", "pin 1234")
    async with stamped.page() as page, page.socket() as socket:
        await page.result("sign", await asked(page, document(ONE)))
        open_desk.asked.clear()
        open_desk.answer = lambda query: (
            Answer(refusal("system_failure")) if len(open_desk.asked) > 2 else open_desk.well(query)
        )
        await socket.ask(1, "sign", await asked(page, *[document(ONE)] * 9, keepPinSession=True))
        answer = await socket.reply(1)
        assert answer["error"]["code"] == "timestamp_refused"
        assert {event["reason"] for event in socket.events if event["event"] == "pinSessionEnded"} <= {"closed"}
    facts = record(stamped)[-1].facts
    assert (facts["outcome"], facts["discarded"], facts["documents"]) == ("timestamp_refused", 9, 9)
    assert len(open_desk.asked) < 9  # the others were not asked for any more


async def test_cancelling_stops_between_two_time_stamps(stamped: Bridge, open_desk: Desk) -> None:
    stamped.plan("pin 1234")
    async with stamped.page() as page, page.socket() as socket:
        await socket.ask(1, "sign", await asked(page, *[document(ONE)] * 40))
        while not any("stamped" in event for event in socket.events):
            socket.events.append(json.loads((await socket.raw.receive(timeout=60)).data))
        await socket.raw.send_json({"id": 1, "cancel": True})
        assert (await socket.reply(1))["error"]["code"] == "consent_cancelled"
    facts = record(stamped)[-1].facts
    assert (facts["outcome"], facts["discarded"]) == ("page_gone", 40)
    assert len(open_desk.asked) < 40


async def test_who_wants_time_where_none_is_named_is_told_so(bridge: Bridge) -> None:
    async with bridge.page() as page:
        body = await page.refusal("sign", await asked(page, document(ONE), level="B-T"))
        assert (body["code"], bridge.questions()) == ("timestamp_not_configured", [])
        bridge.plan("pin 1234")
        made = (await page.result("sign", await asked(page, document(ONE), level="B-B")))["signatures"]
    assert "timestamp" not in made[0]
    (info,) = cms.ContentInfo.load(base64.b64decode(made[0]["signature"]))["content"]["signer_infos"]
    assert not info["unsigned_attrs"].native


@pytest.mark.parametrize("level", ["B-LT", "b-t", None, 1, ["B-T"]])
async def test_another_level_is_refused(bridge: Bridge, level: Any) -> None:
    async with bridge.page() as page:
        assert (await page.refusal("sign", await asked(page, document(ONE), level=level)))["code"] == "bad_request"
        raw = {"name": "a", "format": "raw", "digest": "ab" * 32}
        assert (await page.refusal("sign", await asked(page, raw, level="B-T")))["code"] == "bad_request"


async def test_the_terminal_signs_with_time(tmp_path: Path, open_desk: Desk) -> None:
    open_desk.answer = open_desk.well
    (tmp_path / "bridge").mkdir()
    bridge = prepare(tmp_path / "bridge")
    (tmp_path / "one.pdf").write_bytes(ONE)
    bridge.fresh_card()
    bridge._write_settings({})
    refused = await asyncio.to_thread(_sign, bridge, tmp_path / "one.pdf")
    assert (refused.returncode, "timestamp_not_configured" in refused.stderr) == (1, True), refused.stderr
    bridge._write_settings({"timestamps": _named(open_desk)})
    bridge.plan("pin 1234")
    done = await asyncio.to_thread(_sign, bridge, tmp_path / "one.pdf")
    assert done.returncode == 0, done.stderr
    signature = (tmp_path / "one.pdf.p7s").read_bytes()
    found, value = token(signature)
    assert open_desk.authority.holds(found, hashlib.sha256(value).digest())
    assert opened(tmp_path, bridge.practice / "ca.pem", signature, ONE) == ONE
    named = tmp_path / "one.pdf.p7s", "--content", tmp_path / "one.pdf"
    strange = await asyncio.to_thread(_verified, bridge, *named)
    assert (strange["valid"], strange["timestamp"]["trusted"]) == (True, False)
    why = strange["timestamp"]["why"], strange["timestamp"]["because"]
    assert why == ("timestamp_untrusted", "certificate_untrusted")
    open_desk.authority.trust_folders(bridge.directory / "trust" / "timestamps")
    known = (await asyncio.to_thread(_verified, bridge, *named))["timestamp"]
    assert (known["trusted"], known["authority"], "why" in known) == (True, "CN=Test Time", False)
    assert known["time"] == strange["timestamp"]["time"]


@pytest.mark.parametrize("format_", ["xades", "xades-detached"])
async def test_xml_is_stamped_and_verified_in_a_terminal(tmp_path: Path, open_desk: Desk, format_: str) -> None:
    open_desk.answer = open_desk.well
    (tmp_path / "bridge").mkdir()
    bridge = prepare(tmp_path / "bridge")
    bridge.fresh_card()
    bridge._write_settings({"timestamps": _named(open_desk)})
    (tmp_path / "one.xml").write_bytes(XML)
    bridge.plan("pin 1234")
    done = await asyncio.to_thread(_sign, bridge, tmp_path / "one.xml", "--format", format_)
    assert done.returncode == 0, done.stderr
    beside = tmp_path / "one.xml.xades", "--content", tmp_path / "one.xml"
    named = (tmp_path / "one.signed.xml",) if format_ == "xades" else beside
    open_desk.authority.trust_folders(bridge.directory / "trust" / "timestamps")
    told = (await asyncio.to_thread(_verified, bridge, *named))["timestamp"]
    assert (told["trusted"], told["authority"]) == (True, "CN=Test Time")


async def test_a_pdf_is_stamped_inside_and_verified_in_a_terminal(tmp_path: Path, open_desk: Desk) -> None:
    open_desk.answer = open_desk.well
    (tmp_path / "bridge").mkdir()
    bridge = prepare(tmp_path / "bridge")
    bridge.fresh_card()
    bridge._write_settings({"timestamps": _named(open_desk)})
    (tmp_path / "one.pdf").write_bytes(pdf_world.document())
    bridge.plan("pin 1234")
    done = await asyncio.to_thread(_sign, bridge, tmp_path / "one.pdf", "--format", "pades")
    assert done.returncode == 0, done.stderr
    made = tmp_path / "one.signed.pdf"
    assert pdf_world.pdfsig(tmp_path, made.read_bytes())[-1] == "Signature Validation: Signature is Valid."
    open_desk.authority.trust_folders(bridge.directory / "trust" / "timestamps")
    (signature,) = (await asyncio.to_thread(_verified, bridge, made))["signatures"]
    assert (signature["valid"], signature["timestamp"]["trusted"]) == (True, True)
    assert abs(datetime.fromisoformat(signature["timestamp"]["time"]) - datetime.now(UTC)) < timedelta(minutes=2)


def _verified(bridge: Bridge, *named: str | Path) -> dict[str, Any]:
    trust = bridge.directory / "trust"
    for kind, name in (("anchors", "ca.pem"), ("crls", "ca.crl")):
        (trust / kind).mkdir(parents=True, exist_ok=True)
        shutil.copy(bridge.practice / name, trust / kind)
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "verify", "--trust", str(trust)]
    done = subprocess.run([*command, *map(str, named)], capture_output=True, check=True, stdin=subprocess.DEVNULL)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _sign(bridge: Bridge, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "sign", "--level", "B-T"]
    named = ["--config", str(bridge.directory / "bridge.toml"), str(file), *more]
    return subprocess.run([*command, *named], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
