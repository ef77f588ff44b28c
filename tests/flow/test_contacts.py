"""Whom to call: the authority from the card's profile, agency and administrator from the settings, where it helps."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bridge.card.profiles import profile as shape
from tests.flow.bridge import Bridge, Page, prepare, statement

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHIPPED = Path(shape.__file__).with_name("practice.toml")
AUTHORITY = "お問い合わせ: 見本認証局 0120-000-000"
AGENCY, ADMINISTRATOR = "見本市 契約課　083-000-0000", "情報システム課 内線 <123>"
CONTACT = f'\n[contact]\nja = "{AUTHORITY}"\nen = "Ask: Sample CA"\n'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    made = prepare(tmp_path_factory.mktemp("contacts"))
    own = made.directory / "profiles"
    own.mkdir()
    (own / "practice.toml").write_text(SHIPPED.read_text(encoding="utf-8") + CONTACT, encoding="utf-8")
    contact = {"agency": AGENCY, "administrator": ADMINISTRATOR}
    await made.start(card={"profiles": str(own)}, contact=contact)
    yield made
    await made.stop()


async def refused(page: Page) -> dict[str, str]:
    return await page.refusal("sign", {"certificate": await page.certificate(), "statement": statement()})


async def test_a_wrong_pin_and_a_locked_card_name_the_cards_authority(bridge: Bridge) -> None:
    bridge.fresh_card()
    bridge.plan("pin 9999", "pin 9998", "pin 9997 承知しました")
    async with bridge.page() as page:
        for code in ("pin_wrong", "pin_wrong", "pin_locked", "pin_locked"):
            told = await refused(page)
            assert (told["code"], told["help"].rpartition("\n")[2]) == (code, AUTHORITY)
    assert {question["unlock"].rpartition("\n")[2] for question in bridge.questions()} == {AUTHORITY}


async def test_what_no_authority_can_help_with_names_none(bridge: Bridge) -> None:
    bridge.fresh_card()
    bridge.plan("cancel")
    async with bridge.page() as page:
        told = await refused(page)
    assert told["code"] == "pin_cancelled"
    assert AUTHORITY not in told["help"]


async def test_the_status_page_names_the_agency_and_where_something_is_wrong_the_administrator(bridge: Bridge) -> None:
    bridge.fresh_card()
    async with bridge.page() as page:
        await page.until_card_seen()
    fine = await status_page(bridge)
    assert f"発注機関の連絡先: {AGENCY}" in fine
    assert "管理者の連絡先" not in fine
    (bridge.practice / "inserted").unlink()
    for _ in range(600):
        if "管理者の連絡先: 情報システム課 内線 &lt;123&gt;" in await status_page(bridge):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("a missing card is a line that needs attention")


async def status_page(bridge: Bridge) -> str:
    connector = aiohttp.TCPConnector(ssl=bridge.tls())
    async with (
        aiohttp.ClientSession(connector=connector, headers={"Accept-Language": "ja"}) as session,
        session.get(bridge.url("/")) as answer,
    ):
        return await answer.text()


async def test_the_doctor_and_a_start_that_fails_name_the_administrator(tmp_path: Path) -> None:
    config = tmp_path / "own.toml"
    with socket.create_server(("127.0.0.1", 0)) as other:
        text = f"[bridge]\nlanguage = 'ja'\nport = {other.getsockname()[1]}\n"
        folders = f"[card]\ndirectory = '{tmp_path}/card'\nmodules = []\n[tls]\ndirectory = '{tmp_path}/tls'\n"
        config.write_text(f"{text}{folders}[contact]\nadministrator = '{ADMINISTRATOR}'\n", encoding="utf-8")
        for command in (("run", "--no-tray"), ("doctor",)):
            said = await asyncio.to_thread(spoken, *command, "--config", str(config))
            assert said.endswith(f"このパソコンの管理者の連絡先: {ADMINISTRATOR}\n"), said


def spoken(*arguments: str) -> str:
    """On both of a command's streams."""
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=120)
    return done.stdout + done.stderr
