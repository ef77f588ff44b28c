"""検証機能 in real Chromium: files chosen by a person, with the page's script and without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.unit import pdf_world
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import DOCUMENT, attached, openssl_sign

pytestmark = ring
expect.set_options(timeout=20_000)  # a busy computer paints late


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(at: PortalDesk, visitor: Visitor) -> Page:
    opened = await visitor.open(f"{at.origin}/verification")
    opened.set_default_timeout(60_000)
    return opened


def chosen(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


async def choose(page: Page, file: bytes, document: bytes | None = None) -> None:
    await page.locator("#file").set_input_files(chosen("内訳書.pdf.p7m", file))
    await page.locator("#document").set_input_files([] if document is None else [chosen("内訳書.pdf", document)])


async def verify(page: Page) -> None:
    await page.get_by_role("button", name="検証する", exact=True).click()


async def fact(page: Page, label: str) -> str:
    return await page.locator(f"dt:text-is('{label}') + dd").first.inner_text()


def statement(at: PortalDesk) -> bytes:
    """What a card signed on this portal, as somebody has kept it."""
    sections = [{"label": "企業情報", "value": [{"label": "企業名称", "value": "北東組株式会社"}]}]
    asked = {"type": "registration", "action": "利用者登録（登録）", "aud": at.origin, "nonce": "A" * 43}
    payload = {"contractor": "000000101", "sections": sections}
    return pki.sign(pki.statement(at.made.card, {**asked, "payload": payload}, origin=at.origin), at.made.card)


async def test_a_saved_receipt_and_then_a_changed_one(at: PortalDesk, page: Page) -> None:
    file = statement(at)
    await choose(page, file)
    await verify(page)
    await expect(page.locator("#verdict h2")).to_have_text("有効な署名です")
    await expect(page.locator("#verdict")).to_be_focused()
    await expect(page).to_have_title("有効な署名です：検証機能｜山口市 電子入札システム")
    assert await fact(page, "ICカード取得者氏名") == "北東 次郎"
    await expect(page.get_by_role("button", name="署名された文書を保存")).to_have_count(0)
    await page.locator("#file").set_input_files(chosen("changed.p7m", file[:-1] + bytes([file[-1] ^ 1])))
    await verify(page)
    await expect(page.locator("#verdict h2")).to_have_text("署名は有効ではありません")
    await expect(page.get_by_text("ICカード取得者氏名")).to_have_count(0)


async def test_the_completion_page_hands_out_the_receipt_that_the_page_calls_valid(at: PortalDesk, page: Page) -> None:
    await page.evaluate("port => localStorage.setItem('card-bridge.port', port)", str(at.peer.port))
    await at.reach_confirmation(page)
    await page.get_by_role("button", name="登録", exact=True).click()
    await page.wait_for_url("**/registration/complete")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="受領データの保存").click()
    saved = await saving.value
    assert saved.suggested_filename == "9991000000000001.p7m"
    await page.get_by_role("link", name="検証機能").first.click()
    await page.locator("#file").set_input_files(await saved.path())
    await verify(page)
    await expect(page.locator("#verdict h2")).to_have_text("有効な署名です")
    await expect(page.get_by_role("heading", name="登録済みの受領データと一致")).to_be_visible()
    assert await fact(page, "企業ID") == "9991000000000001"


async def test_a_detached_signature_keeps_its_file_while_the_document_is_chosen(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("422")
    await choose(page, openssl_sign(DOCUMENT, at.made.card))
    await verify(page)
    await expect(page.locator("#summary")).to_be_focused()
    await expect(page.locator("#document-problem")).to_contain_text("署名した文書が入っていません")
    await page.locator("#document").set_input_files(chosen("内訳書.pdf", DOCUMENT))
    await verify(page)  # the signature file is chosen still
    await expect(page.locator("#verdict h2")).to_have_text("有効な署名です")
    assert await fact(page, "文書名") == "内訳書.pdf"


async def test_the_document_inside_is_saved_by_one_press(at: PortalDesk, page: Page) -> None:
    await page.locator("#file").set_input_files(chosen("estimate.pdf.p7m", attached(DOCUMENT, at.made.card)))
    await verify(page)
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="署名された文書を保存").click()
    saved = await saving.value
    assert saved.suggested_filename == "estimate.pdf"
    assert (await saved.path()).read_bytes() == DOCUMENT
    await expect(page.locator("#verdict h2")).to_have_text("有効な署名です")


async def test_a_signed_pdf_tells_its_signatures(at: PortalDesk, page: Page, tmp_path: Path) -> None:
    once = await asyncio.to_thread(pdf_world.signed, tmp_path, pdf_world.document(stream_xrefs=False))
    twice = await asyncio.to_thread(pdf_world.signed, tmp_path, once, "p256")
    await page.locator("#file").set_input_files(chosen("内訳書.pdf", twice))
    await verify(page)
    await expect(page.locator("#verdict h2")).to_have_text("有効な署名です")
    await expect(page.get_by_role("heading", name="PDFの署名")).to_have_count(2)
    assert await fact(page, "署名のあと") == "この署名が認めている追加（別の署名や記入欄への記入）があります"
    await page.locator("#file").set_input_files(chosen("内訳書.pdf", once.replace(b"(bid)", b"(bet)")))
    await verify(page)
    await expect(page.locator("#verdict h2")).to_have_text("署名は有効ではありません")
    await expect(page.get_by_text("ICカード取得者氏名")).to_have_count(0)


async def test_a_file_that_is_too_large_is_not_even_sent(at: PortalDesk, page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    await choose(page, bytes(10 * 1024 * 1024 + 1))
    await verify(page)
    await expect(page.locator("#file-problem")).to_have_text(
        "ファイルが大きすぎます。10MBまでのファイルを選んでください。"
    )
    await expect(page.locator("#file")).to_be_focused()
    assert sent == []
    await choose(page, attached(DOCUMENT, at.made.card))
    await verify(page)
    await expect(page.locator("#verdict h2")).to_have_text("有効な署名です")


async def test_a_portal_that_cannot_be_reached_leaves_everything_chosen(
    at: PortalDesk, page: Page, visitor: Visitor
) -> None:
    visitor.expect("ERR_")
    await choose(page, attached(DOCUMENT, at.made.card))
    await page.context.set_offline(True)
    await verify(page)
    await expect(page.locator("#working")).to_contain_text("接続できません")
    await page.context.set_offline(False)
    await verify(page)
    await expect(page.locator("#verdict h2")).to_have_text("有効な署名です")


async def test_without_a_script_the_form_does_it_all(at: PortalDesk, browser: Browser) -> None:
    area = await browser.new_context(locale="ja-JP", java_script_enabled=False)
    try:
        page = await area.new_page()
        await page.goto(f"{at.origin}/verification")
        await choose(page, attached(DOCUMENT, at.made.card))
        await verify(page)
        await expect(page.locator("#verdict h2")).to_have_text("有効な署名です")
        await expect(page.locator("#verdict .hint")).to_contain_text("もう一度同じファイルを選んで")
        await choose(page, attached(DOCUMENT, at.made.card))
        async with page.expect_download() as saving:
            await page.get_by_role("button", name="署名された文書を保存").click()
        assert (await (await saving.value).path()).read_bytes() == DOCUMENT
        await choose(page, attached(DOCUMENT, pki.Authority(key=pki.rsa_key("another authority")).issue()))
        await verify(page)
        await expect(page.locator("#verdict h2")).to_have_text("署名は有効ではありません")
    finally:
        await area.close()
