"""Documents that are signed inside, through the doors: a worker reads them, the window measures, xmlsec1 accepts."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from bridge.audit import reading
from tests.flow.bridge import Bridge, Page
from tests.flow.documents import document
from tests.unit.xades_world import XML, xmlsec_accepts

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def asked(page: Page, *documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "action": "入札書類の提出", "documents": [*documents], **more}


def scratch(bridge: Bridge) -> list[Path]:
    return [path for path in (bridge.directory / "card" / "documents").rglob("*") if path.is_file()]


async def test_xml_is_signed_inside_and_fetched(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234")
    before = len(scratch(bridge))
    async with bridge.page() as page:
        wanted = [document(XML, "xades", "入札書.xml"), document(b"\xff", "xades-detached", "図面.zip", hash="SHA-384")]
        inside, beside = (await page.result("sign", await asked(page, *wanted)))["signatures"]
        signed = await page.download(inside["result"]["document"])
        assert signed == await page.download(inside["result"]["document"])
    assert (len(signed), hashlib.sha256(signed).hexdigest()) == (inside["result"]["size"], inside["result"]["sha256"])
    assert inside["receipt"]["signature"] == inside["result"]["sha256"]
    (tmp_path / "signed.xml").write_bytes(signed)
    (tmp_path / "図面.zip").write_bytes(b"\xff")
    (tmp_path / "beside.xml").write_bytes(base64.b64decode(beside["signature"]))
    assert xmlsec_accepts(tmp_path / "signed.xml", bridge.practice / "ca.pem")
    assert xmlsec_accepts(tmp_path / "beside.xml", bridge.practice / "ca.pem")
    (question,) = bridge.questions()
    shown = [(each["name"], each["size"], each["digest"]) for each in question["content"]["documents"]]
    digests = [hashlib.sha256(content).hexdigest() for content in (XML, b"\xff")]
    assert shown == [("入札書.xml", len(XML), digests[0]), ("図面.zip", 1, digests[1])]
    # Nothing but the result is left of it.
    assert len(scratch(bridge)) == before + 1


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<a><b></a>", "document_malformed"), (b'<!DOCTYPE a SYSTEM "a.dtd"><a/>', "document_refused")],
)
async def test_a_hostile_document_is_refused_before_a_window(bridge: Bridge, content: bytes, code: str) -> None:
    before = len(scratch(bridge))
    async with bridge.page() as page:
        refused = await page.refusal("sign", await asked(page, document(XML, "xades"), document(content, "xades")))
    assert (refused["code"], bridge.questions(), len(scratch(bridge))) == (code, [], before)
    lines = [line for line in reading.lines(bridge.directory / "audit") if line.event == "sign"]
    assert lines[-1].facts["outcome"] == code


async def test_a_signed_result_can_be_signed_beside_but_not_inside_again(bridge: Bridge) -> None:
    """The handle is like that of an upload; a second signature inside would break the first."""
    bridge.plan("pin 1234", "pin 1234")
    async with bridge.page() as page:
        (made,) = (await page.result("sign", await asked(page, document(XML, "xades"))))["signatures"]
        again = {"name": "a.xml", "document": made["result"]["document"]}
        assert (await page.refusal("sign", await asked(page, {**again, "format": "xades"})))[
            "code"
        ] == "document_refused"
        (beside,) = (await page.result("sign", await asked(page, {**again, "format": "xades-detached"})))["signatures"]
    assert beside["sha256"] == made["result"]["sha256"]
