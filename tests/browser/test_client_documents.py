"""Documents from a page in real Chromium to a real bridge: streamed, signed, accepted by openssl."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.async_api import Page

from tests.browser.client_page import run
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.real_bridge import PIN, real_bridge
from tests.flow.documents import opened
from tests.unit.xades_world import xmlsec_accepts

pytestmark = ring

SIGN = """
  const content = new Blob([new Uint8Array(3 << 20).fill(7)]);
  const { document, size } = await bridge.upload(content);
  const { certificates } = await bridge.certificates();
  const told = [];
  const named = { certificate: certificates[0].id, action: "入札書類の提出" };
  const signed = await bridge.sign({ ...named, documents: [
    { name: "図面.zip", format: "cades-detached", document },
    { name: "note.txt", format: "cades-attached", hash: "SHA-512", content: btoa("note") },
    { name: "図面.zip", format: "cades-attached", document },
    { name: "note.xml", format: "xades", content: btoa("<note/>") },
  ] }, { onProgress: (done, total, stamped, { prepared, finished }) => told.push([done, total, prepared, finished]) });
  const text = async ({ result }) => {
    const bytes = new Uint8Array(await (await bridge.download(result.document)).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  };
  const made = signed.signatures;
  return { size, told, signatures: [made[0].signature, made[1].signature, await text(made[2]), await text(made[3])] };
"""
EXPIRED = """
  return bridge.download("A".repeat(32));
"""
GONE = """
  const named = { certificate: "ab".repeat(32), action: "入札書類の提出" };
  return bridge.sign({ ...named, documents: [{ name: "a", format: "raw", document: "A".repeat(32) }] });
"""


async def test_a_page_has_a_long_and_a_short_document_signed(
    desk: Desk, visitor: Visitor, local_page: Page, tmp_path: Path
) -> None:
    visitor.watch(local_page)
    visitor.expect("status of 409")  # the browser's own word for a handle that is over
    await local_page.reload()
    origin = local_page.url.rstrip("/")
    (tmp_path / "bridge").mkdir()
    async with real_bridge(tmp_path / "bridge", desk.certificates, origin) as bridge:
        bridge.plan(f"pin {PIN}")
        made = await run(local_page, SIGN, bridge.port)
        assert (made["size"], made["told"][-1]) == (3 << 20, [4, 4, 4, 4])
        assert made["told"][0] == [0, 4, 4, 0]
        detached, attached, long, inside = map(base64.b64decode, made["signatures"])
        authority, content = bridge.practice / "ca.pem", b"\7" * (3 << 20)
        assert opened(tmp_path, authority, detached, content) == content
        assert opened(tmp_path, authority, attached) == b"note"
        assert opened(tmp_path, authority, long) == content
        (tmp_path / "note.xml").write_bytes(inside)
        assert xmlsec_accepts(tmp_path / "note.xml", authority)
        assert (await run(local_page, EXPIRED, bridge.port))["failed"]["code"] == "document_unknown"
        gone = (await run(local_page, GONE, bridge.port))["failed"]
        assert (gone["code"], gone["document"]) == ("document_unknown", 0)
