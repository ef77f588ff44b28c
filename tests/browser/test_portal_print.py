"""利用者情報 on paper: one sheet of A4 with what the procedure prints, in its order, without the screen's frame."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser import accessibility
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.portal_desk import PortalDesk, portal_desk
from tests.browser.screens.screen import choose
from tests.procedure.example import REGISTERED
from tests.procedure.lengths import LONGEST
from tests.unit.portal_world import FORM, SEARCH

pytestmark = ring
A4 = (595, 842)  # ISO 216, in points
PAPER = 673  # what print.css leaves of its width, in CSS px


@pytest_asyncio.fixture(loop_scope="session")
async def at(desk: Desk, tmp_path: Path) -> AsyncIterator[PortalDesk]:
    async with portal_desk(desk, tmp_path) as opened:
        yield opened


async def sheet(at: PortalDesk, visitor: Visitor, form: Mapping[str, str]) -> Page:
    """利用者情報 of a company that registered this form, asked for by its card."""
    portal, made = at.made.portal, at.made
    session = await made.login()
    await portal.search.find(session, SEARCH)
    await portal.drafts.save_form(session, form)
    await portal.registrar.finish(session, made.signed(await portal.registrar.begin(session)))
    page = await at.open(visitor)
    await choose(at, page, "照会・再印刷")
    await page.get_by_role("link", name="利用者情報を印刷").click()
    await page.wait_for_url("**/registration/sheet")
    return page


@pytest.mark.parametrize("form", [FORM, LONGEST], ids=["example", "longest"])
async def test_it_is_one_page_of_a4(at: PortalDesk, visitor: Visitor, form: Mapping[str, str]) -> None:
    page = await sheet(at, visitor, form)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", await page.pdf(prefer_css_page_size=True))
    assert [(round(float(width)), round(float(height))) for width, height in boxes] == [A4]
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": PAPER, "height": 1000})
    assert (await accessibility.overflow(page), await accessibility.cut(page)) == (0, [])


async def test_it_says_what_the_procedure_prints_and_when(at: PortalDesk, visitor: Visitor) -> None:
    page = await sheet(at, visitor, FORM)
    await page.emulate_media(media="print")
    printed = (await page.locator("body").inner_text()).split("\n")
    sections = [[section.label, *(word for line in section.lines for word in line)] for section in REGISTERED]
    practice = "練習 これは練習用の画面です。実際の登録は行われません。"
    made = "登録日時：2026/11/24 10:02　山口市 電子入札システム"
    expected = [
        practice,
        "利用者情報",
        "企業ID",
        "9991000000000001",
        *(word for each in sections for word in each),
        made,
    ]
    assert [line.strip() for line in printed if line.strip()] == expected
