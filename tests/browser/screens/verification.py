"""検証機能 in every state."""

from __future__ import annotations

from typing import Final

from playwright.async_api import FilePayload, Page, expect

from tests.browser.portal_desk import PortalDesk
from tests.browser.screens.screen import Screen, at
from tests.procedure.example import CERTIFICATE, SEARCH
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import DOCUMENT, attached, openssl_sign


async def verified(desk: PortalDesk, page: Page, file: bytes) -> None:
    await page.goto(f"{desk.origin}/verification")
    chosen: FilePayload = {"name": "内訳書.pdf.p7m", "mimeType": "application/pkcs7-mime", "buffer": file}
    await page.locator("#file").set_input_files(chosen)
    await page.get_by_role("button", name="検証する", exact=True).click()
    await expect(page.locator("#verdict, #summary")).to_be_focused()


async def verification_receipt(desk: PortalDesk, page: Page) -> None:
    asked = {"type": "registration", "action": "利用者登録（登録）", "aud": desk.origin, "nonce": "A" * 43}
    sections = [{"label": "企業情報", "value": [{"label": "企業名称", "value": CERTIFICATE["organization"]}]}]
    payload = {"contractor": SEARCH["number"], "sections": sections}
    statement = pki.statement(desk.made.card, {**asked, "payload": payload}, origin=desk.origin)
    await verified(desk, page, pki.sign(statement, desk.made.card))


async def verification_document(desk: PortalDesk, page: Page) -> None:
    await verified(desk, page, attached(DOCUMENT, desk.made.card))


async def verification_invalid(desk: PortalDesk, page: Page) -> None:
    await verified(desk, page, attached(DOCUMENT, desk.made.card)[:-1] + b"!")


async def verification_incomplete(desk: PortalDesk, page: Page) -> None:
    """A detached signature without its document."""
    await verified(desk, page, openssl_sign(DOCUMENT, desk.made.card))


async def verification_without_file(desk: PortalDesk, page: Page) -> None:
    await page.goto(f"{desk.origin}/verification")
    await page.get_by_role("button", name="検証する", exact=True).click()
    await expect(page.locator("#summary")).to_be_focused()


VERIFICATION: Final = (
    Screen("verification", "検証機能", "verification.html", at("/verification")),
    Screen("verification-receipt", "有効な署名です：検証機能", "verification.html", verification_receipt),
    Screen("verification-document", "有効な署名です：検証機能", "verification.html", verification_document),
    Screen("verification-invalid", "署名は有効ではありません：検証機能", "verification.html", verification_invalid),
    Screen(
        "verification-incomplete", "ファイルを確かめてください：検証機能", "verification.html", verification_incomplete
    ),
    Screen(
        "verification-without-file",
        "ファイルを確かめてください：検証機能",
        "verification.html",
        verification_without_file,
    ),
)
