"""PDF documents through the doors and from a terminal: signed inside, accepted by poppler and by our own verifier."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.flow.bridge import Bridge, Page, prepare
from tests.flow.documents import document
from tests.unit import pdf_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACE = {"page": 1, "box": [300, 300, 480, 360]}
VALID = ["Total document signed", "Signature Validation: Signature is Valid."]


async def asked(page: Page, *documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "action": "入札書類の提出", "documents": [*documents], **more}


async def test_a_batch_of_pdf_documents(bridge: Bridge, tmp_path: Path) -> None:
    """One window, one PIN; each is fetched by its handle, begins with what was shown, and is accepted by poppler."""
    bridge.plan("pin 1234")
    contents = [pdf_world.document(f"bid {number}") for number in range(3)]
    wanted = [document(each, "pades", f"{at}.pdf") for at, each in enumerate(contents)]
    wanted[1] |= {"visible": PLACE, "hash": "SHA-512"}
    async with bridge.page() as page, page.socket() as socket:
        await socket.ask(4, "sign", await asked(page, *wanted))
        made = (await socket.reply(4))["result"]["signatures"]
        signed = [await page.download(each["result"]["document"]) for each in made]
    assert [event["total"] for event in socket.events if event["event"] == "signProgress"][-1:] == [3]
    for content, result, each in zip(contents, signed, made, strict=True):
        assert result.startswith(content)
        assert each["result"]["sha256"] == each["receipt"]["signature"] == hashlib.sha256(result).hexdigest()
        assert each["sha256"] == hashlib.sha256(content).hexdigest()
        assert pdf_world.pdfsig(tmp_path, result) == VALID
    (question,) = bridge.questions()
    shown = [(each["size"], each["digest"]) for each in question["content"]["documents"]]
    assert shown == [(len(each), hashlib.sha256(each).hexdigest()) for each in contents]
    said = pdf_world.text(tmp_path, signed[1])
    assert {"電子署名", question["certificate"]["holder"]} <= set(said.split("\n"))


async def test_a_signed_one_is_signed_again(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234", "pin 1234")
    async with bridge.page() as page:
        (first,) = (await page.result("sign", await asked(page, document(pdf_world.document(), "pades"))))["signatures"]
        again = {"name": "b.pdf", "format": "pades", "document": first["result"]["document"], "visible": PLACE}
        (second,) = (await page.result("sign", await asked(page, again)))["signatures"]
        signed = await page.download(second["result"]["document"])
    assert pdf_world.pdfsig(tmp_path, signed) == ["Not total document signed", VALID[1], *VALID]


@pytest.mark.parametrize(
    ("content", "more", "code"),
    [
        (b"%PDF-1.7 no more", {}, "document_malformed"),
        (pdf_world.hybrid(), {}, "document_malformed"),
        (pdf_world.certified(pdf_world.document(), 1), {}, "document_refused"),
        (pdf_world.document(), {"visible": PLACE | {"page": 2}}, "bad_request"),
        (pdf_world.document(), {"visible": PLACE | {"page": True}}, "bad_request"),
        (pdf_world.document(), {"visible": {"page": 1, "box": [0, 0, 59, 30]}}, "bad_request"),
        (pdf_world.document(), {"visible": {"page": 1, "box": [0, 0, "90", 30]}}, "bad_request"),
        (pdf_world.document(), {"visible": PLACE, "format": "cades-detached"}, "bad_request"),
    ],
)
async def test_what_cannot_be_signed_is_refused_before_a_window(
    bridge: Bridge, content: bytes, more: dict[str, Any], code: str
) -> None:
    async with bridge.page() as page:
        refused = await page.refusal("sign", await asked(page, document(content, "pades", **more)))
    assert (refused["code"], bridge.questions()) == (code, [])


async def test_a_cancelled_batch_leaves_nothing(bridge: Bridge) -> None:
    bridge.plan("cancel")
    before = set((bridge.directory / "card" / "documents").rglob("*"))
    async with bridge.page() as page:
        refused = await page.refusal("sign", await asked(page, *[document(pdf_world.document(), "pades")] * 2))
    assert refused["code"] in ("pin_cancelled", "consent_cancelled")
    assert {path for path in (bridge.directory / "card" / "documents").rglob("*") if path.is_file()} <= before


async def test_in_a_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "bridge"
    folder.mkdir()
    bridge = prepare(folder)
    bridge._write_settings({})
    bridge.fresh_card()
    bridge.plan("pin 1234")
    file, signed = tmp_path / "入札書.pdf", tmp_path / "入札書.signed.pdf"
    file.write_bytes(pdf_world.document(stream_xrefs=False))
    place = ("--visible", "1,300,300,480,360")
    done = await run("sign", "--config", folder / "bridge.toml", "--format", "pades", *place, file)
    assert (done.returncode, done.stdout.splitlines()) == (0, [str(signed)]), done.stderr
    trust = trusted(tmp_path, bridge)
    said = await run("verify", "--trust", trust, signed)
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert (told["valid"], [each["signer"]["serial"] for each in told["signatures"]]) == (True, ["121"])
    changed = tmp_path / "changed.pdf"
    for content, code in (
        (signed.read_bytes().replace(b"(bid)", b"(bet)"), "digest_mismatch"),
        (pdf_world.extended(signed.read_bytes()), "pdf_changed"),
        (file.read_bytes(), "pdf_unsigned"),
    ):
        changed.write_bytes(content)
        said = await run("verify", "--trust", trust, changed)
        assert (said.returncode, f"({code})" in said.stderr) == (1, True), (said.stdout, said.stderr)
        assert '"valid": true' not in said.stdout


def trusted(folder: Path, bridge: Bridge) -> Path:
    for kind, name in (("anchors", "ca.pem"), ("crls", "ca.crl")):
        (folder / "trust" / kind).mkdir(parents=True)
        shutil.copy(bridge.practice / name, folder / "trust" / kind)
    return folder / "trust"


async def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", *map(str, arguments)]

    def waited() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    return await asyncio.to_thread(waited)
