"""Documents handed over as streams: signed by their handle, kept for their origin, and never whole in memory."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from benchmarks.processes import children
from tests.flow.bridge import ORIGIN, OTHER, Bridge, Page, prepare
from tests.flow.documents import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIECE = os.urandom(1 << 20)
MEGABYTES = 48


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield PIECE


async def upload(
    bridge: Bridge, body: Any, origin: str = ORIGIN, kind: str = "application/octet-stream"
) -> tuple[int, dict[str, Any]]:
    connector = aiohttp.TCPConnector(ssl=bridge.tls())
    headers = {"Origin": origin, "Content-Type": kind}
    async with (
        aiohttp.ClientSession(connector=connector, headers=headers) as session,
        session.post(bridge.url("/v1/documents"), data=body) as response,
    ):
        return response.status, await response.json(content_type=None)


async def asked(page: Page, handle: str, format_: str = "cades-detached") -> dict[str, Any]:
    named = {"name": "図面.zip", "format": format_, "document": handle}
    return {"certificate": await page.certificate(), "action": "提出", "documents": [named]}


def kept(bridge: Bridge) -> list[Path]:
    return [path for path in (bridge.directory / "card" / "documents").rglob("*") if path.is_file()]


def peak(pid: int) -> int:
    """Bytes that a process has had resident at most (proc(5), VmHWM)."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) << 10


def family(pid: int) -> list[int]:
    """The daemon and its card host."""
    return [pid, *children(pid)]


async def test_memory_stays_flat_and_openssl_accepts_the_signature(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234", "pin 1234")
    assert bridge.process is not None
    _, small = await upload(bridge, pieces(1))
    async with bridge.page() as page:
        await page.result("sign", await asked(page, small["document"]))
        before = {pid: peak(pid) for pid in family(bridge.process.pid)}
        status, large = await upload(bridge, pieces(MEGABYTES))
        content = PIECE * MEGABYTES
        digest = hashlib.sha256(content).hexdigest()
        assert (status, large["size"], large["sha256"]) == (200, len(content), digest)
        (made,) = (await page.result("sign", await asked(page, large["document"])))["signatures"]
    assert bridge.questions()[1]["content"]["documents"][0]["digest"] == made["sha256"] == digest
    grown = {pid: peak(pid) - size for pid, size in before.items()}
    assert len(grown) == 2
    assert max(grown.values()) < (MEGABYTES << 20) // 3
    assert opened(tmp_path, bridge.practice / "ca.pem", base64.b64decode(made["signature"]), content) == content


async def test_a_handle_is_its_origins_alone(bridge: Bridge) -> None:
    _, mine = await upload(bridge, b"mine")
    async with bridge.page(OTHER) as page:
        assert (await page.refusal("sign", await asked(page, mine["document"])))["code"] == "document_unknown"
        assert (await page.download_refusal(mine["document"]))["code"] == "document_unknown"
    async with bridge.page("https://stranger.example") as page:
        assert (await page.download_refusal(mine["document"]))["code"] == "origin_denied"
    async with bridge.page() as page:
        assert await page.download(mine["document"]) == b"mine"
        assert (await page.refusal("sign", await asked(page, "A" * 32)))["code"] == "document_unknown"
        assert (await page.refusal("sign", await asked(page, "../../card.json")))["code"] == "bad_request"
    assert bridge.questions() == []


async def test_a_long_document_goes_into_its_signature_piece_by_piece(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234", "pin 1234")
    assert bridge.process is not None
    _, small = await upload(bridge, pieces(3))
    async with bridge.page() as page:
        await page.result("sign", await asked(page, small["document"], "cades-attached"))
        before = {pid: peak(pid) for pid in family(bridge.process.pid)}
        _, large = await upload(bridge, pieces(MEGABYTES))
        (made,) = (await page.result("sign", await asked(page, large["document"], "cades-attached")))["signatures"]
        grown = {pid: peak(pid) - size for pid, size in before.items()}
        signed = await page.download(made["result"]["document"])
    assert max(grown.values()) < (MEGABYTES << 20) // 3
    assert (len(signed), hashlib.sha256(signed).hexdigest()) == (made["result"]["size"], made["result"]["sha256"])
    assert made["receipt"]["signature"] == made["result"]["sha256"]
    assert opened(tmp_path, bridge.practice / "ca.pem", signed) == PIECE * MEGABYTES


async def test_the_gate_holds_for_uploads(bridge: Bridge) -> None:
    before = len(kept(bridge))
    for origin, kind, code in (
        (ORIGIN, "application/json", "bad_request"),
        (ORIGIN, "text/plain", "bad_request"),
        ("https://stranger.example", "application/octet-stream", "origin_denied"),
    ):
        assert (await upload(bridge, b"x", origin, kind))[1]["code"] == code
    assert len(kept(bridge)) == before


async def test_an_upload_that_breaks_off_leaves_nothing(bridge: Bridge) -> None:
    before = len(kept(bridge))
    begun = asyncio.Event()

    async def half() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield PIECE
        begun.set()
        await asyncio.sleep(3600)

    sending = asyncio.create_task(upload(bridge, half()))
    await begun.wait()
    for _ in range(600):
        if len(kept(bridge)) > before:
            break
        await asyncio.sleep(0.02)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    for _ in range(600):
        if len(kept(bridge)) == before:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("half a document was kept")


async def test_a_bridge_that_stops_keeps_no_document(tmp_path: Path) -> None:
    bridge = prepare(tmp_path)
    await bridge.start()
    await upload(bridge, b"mine")
    (file,) = kept(bridge)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert await bridge.stop() == 0
    assert kept(bridge) == []
