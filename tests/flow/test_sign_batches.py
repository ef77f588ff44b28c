"""Many documents of every format in one request: one window, counts on the way, and a cancel at each step of it.

`make batches` takes as many documents as a request may have.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.processes import children
from bridge.audit import reading
from bridge.audit.chain import Line
from tests.flow.bridge import Bridge, Page, Socket
from tests.flow.documents import document, opened
from tests.flow.test_uploads import kept, upload
from tests.unit import pdf_world
from tests.unit.xades_world import XML, xmlsec_accepts

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANY = int(os.environ.get("BATCH", "100"))
STOPPED = 40
VALID = ["Total document signed", "Signature Validation: Signature is Valid."]


async def asked(page: Page, *documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "action": "入札書類の提出", "documents": [*documents], **more}


def discarded(bridge: Bridge) -> list[Line]:
    """The record's lines of signatures that were made and did not leave."""
    return [line for line in reading.lines(bridge.directory / "audit") if line.facts.get("discarded")]


def pdfs(count: int) -> list[dict[str, Any]]:
    return [document(_PDF, "pades", f"{at}.pdf") for at in range(count)]


_PDF = pdf_world.document("bid")


async def _until_clean(bridge: Bridge, files: set[Path]) -> None:
    """No worker of the daemon's is left, and nothing of the request's lies here: `files` do, from before."""
    assert bridge.process is not None
    for _ in range(1200):
        if set(kept(bridge)) == files and not _workers(bridge.process.pid):
            return
        await asyncio.sleep(0.05)
    raise AssertionError((_workers(bridge.process.pid), kept(bridge)))


def _workers(pid: int) -> list[int]:
    return [child for child in children(pid) if b"bridge.formats" in Path(f"/proc/{child}/cmdline").read_bytes()]


async def test_every_format_at_once(bridge: Bridge, tmp_path: Path) -> None:
    """PDFs are handed over before, as pages do it; every tenth is made again otherwise."""
    bridge.plan("pin 1234")
    contents = [
        pdf_world.document(f"bid {at}") if at < MANY else XML.replace(b"1&amp;", b"%d&amp;" % at)
        for at in range(MANY + 20)
    ]
    formats = [*["pades"] * MANY, *["xades"] * 10, *["cades-detached", "xades-detached"] * 5]
    handles = [(await upload(bridge, each))[1]["document"] for each in contents]
    before = len(kept(bridge))
    wanted = [
        {"name": f"{at}.dat", "format": named, "document": handle}
        for at, (named, handle) in enumerate(zip(formats, handles, strict=True))
    ]
    async with bridge.page() as page, page.socket() as socket:
        await socket.ask(1, "sign", await asked(page, *wanted))
        made = (await socket.reply(1))["result"]["signatures"]
        signed = [await page.download(each["result"]["document"]) for each in made[: MANY + 10]]
    (question,) = bridge.questions()
    hashes = [hashlib.sha256(each).hexdigest() for each in contents]
    assert [each["digest"] for each in question["content"]["documents"]] == [each["sha256"] for each in made] == hashes
    _judged(bridge, tmp_path, contents, signed, made)
    _counted(socket, len(contents))
    assert len(kept(bridge)) == before + len(signed)


def _judged(
    bridge: Bridge, folder: Path, contents: list[bytes], signed: list[bytes], made: list[dict[str, Any]]
) -> None:
    for at in range(0, MANY, 10):
        assert signed[at].startswith(contents[at])
        assert pdf_world.pdfsig(folder, signed[at]) == VALID
    anchor = bridge.practice / "ca.pem"
    for at in range(MANY, MANY + 10):
        (folder / f"{at}.xml").write_bytes(signed[at])
        assert xmlsec_accepts(folder / f"{at}.xml", anchor)
    cms = base64.b64decode(made[MANY + 10]["signature"])
    assert opened(folder, anchor, cms, contents[MANY + 10]) == contents[MANY + 10]


def _counted(socket: Socket, total: int) -> None:
    told = [event for event in socket.events if event["event"] == "signProgress"]
    assert {event["total"] for event in told} == {total}
    for name in ("prepared", "done", "finished"):
        counts = [event.get(name, 0) for event in told]
        assert counts == sorted(counts)
        assert counts[-1] > 0
    for event in told:
        assert event["done"] == 0 or event["prepared"] == total
        assert event["done"] == total or "finished" not in event


@pytest.mark.parametrize("content", [b"%PDF-1.7 no more", b""])
async def test_one_that_cannot_be_signed_is_told_before_anybody_is_asked(bridge: Bridge, content: bytes) -> None:
    wanted = pdfs(6)
    wanted[4] = document(content, "pades", "4.pdf")
    async with bridge.page() as page:
        body = await page.refusal("sign", await asked(page, *wanted))
    assert (body["code"], body["document"]) == ("document_malformed", 4)
    assert bridge.questions() == []
    await _until_clean(bridge, set(kept(bridge)))


async def test_an_upload_that_is_not_here_is_told_by_its_place(bridge: Bridge) -> None:
    async with bridge.page() as page:
        wanted = [document(b"a"), {"name": "b", "format": "cades-detached", "document": "A" * 32}]
        body = await page.refusal("sign", await asked(page, *wanted))
    assert (body["code"], body["document"]) == ("document_unknown", 1)


async def _until(socket: Socket, count: str) -> dict[str, Any]:
    """The first event that has counted such."""
    while not (found := [event for event in socket.events if event.get(count)]):
        socket.events.append(await socket.raw.receive_json(timeout=60))
    return dict(found[0])


async def _stopped(bridge: Bridge, count: str, *plan: str, tab: bool, documents: int = STOPPED) -> list[Line]:
    """Cancelled, or its tab closed, as soon as something is counted: the record's line, if a signature was made of it.

    Nothing is left of it then, and the bridge is ready for the next request.
    """
    bridge.plan(*plan)
    before, known = set(kept(bridge)), len(discarded(bridge))
    async with bridge.page() as page:
        async with page.socket() as socket:
            await socket.ask(1, "sign", await asked(page, *pdfs(documents)))
            await (_until(socket, count) if count else bridge.open_window(1))
            if not tab:
                await socket.raw.send_json({"id": 1, "cancel": True})
                assert (await socket.reply(1))["error"]["code"] == "consent_cancelled"
        await _until_clean(bridge, before)
        bridge.plan("pin 1234")  # now: a window that was ended may have left its own step unread
        await page.result("sign", await asked(page, document(b"next")))
    return discarded(bridge)[known:]


@pytest.mark.parametrize("tab", [False, True], ids=["cancelled", "closed"])
async def test_it_stops_while_documents_are_prepared(bridge: Bridge, tab: bool) -> None:
    assert await _stopped(bridge, "prepared", tab=tab) == []
    assert len(bridge.questions()) == 1


@pytest.mark.parametrize("tab", [False, True], ids=["cancelled", "closed"])
async def test_it_stops_at_the_window(bridge: Bridge, tab: bool) -> None:
    assert await _stopped(bridge, "", "wait", tab=tab) == []


@pytest.mark.parametrize("tab", [False, True], ids=["cancelled", "closed"])
async def test_it_stops_between_two_signatures(bridge: Bridge, tab: bool) -> None:
    (line,) = await _stopped(bridge, "done", "pin 1234", tab=tab)
    assert line.facts["outcome"] == "page_gone"
    assert 1 <= int(line.facts["discarded"]) <= STOPPED


@pytest.mark.parametrize("tab", [False, True], ids=["cancelled", "closed"])
async def test_it_stops_while_signatures_are_put_in(bridge: Bridge, tab: bool) -> None:
    """All are made by then, and none leaves."""
    (line,) = await _stopped(bridge, "finished", "pin 1234", tab=tab, documents=2 * STOPPED)
    assert (line.facts["outcome"], line.facts["discarded"]) == ("page_gone", 2 * STOPPED)


async def test_a_person_who_cancels_leaves_nothing(bridge: Bridge) -> None:
    bridge.plan("cancel")
    before = set(kept(bridge))
    async with bridge.page() as page:
        assert (await page.refusal("sign", await asked(page, *pdfs(3))))["code"] == "pin_cancelled"
    await _until_clean(bridge, before)
