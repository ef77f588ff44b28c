"""The procedure's registration, end to end, with the bridge that the MSI installed on a Windows of its own.

Chromium and the portal run on Linux; bridge, card host and windows run on Wine, with the practice card. The browser's
connections are carried by a program of that Windows (`relay.py`), as the bridge serves its own user's programs alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, async_playwright

from tests import road
from tests.browser import chromium
from tests.demo_check import verify_stored
from tests.desktop import display
from tests.desktop.consent import TITLES
from tests.running_demo import RunningDemo
from tests.windows.bridge_on_pc import PROGRAM, events, person_folder, python, relay, root, settle, wait_for
from tests.windows.conftest import copied
from tests.windows.pc import PC, log_on, running
from tests.windows.portal_beside import portal

ALLOW: Final = "alt+a"


@pytest.fixture(scope="module")
def pc(installed_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PC]:
    """A person has logged on; the bridge knows no site yet."""
    with running(copied(installed_disk, tmp_path_factory.mktemp("road") / "pc")) as started:
        settle(started, {"bridge": {"language": "ja"}, "card": {"practice": True}})
        log_on(started)
        wait_for(started, "lock_screen_watched")
        yield started


@pytest.fixture
def beside(pc: PC, tmp_path: Path) -> Iterator[RunningDemo]:
    with portal(tmp_path / "portal", person_folder(pc) / "card/practice", root(pc).read_bytes(), pc.env) as serving:
        yield serving


@contextlib.asynccontextmanager
async def page_of(beside: RunningDemo, port: int, carried: int) -> AsyncIterator[Page]:
    """In Chromium, for which the bridge's port is the one that is carried there."""
    there = (f"--host-resolver-rules=MAP localhost:{port} 127.0.0.1:{carried}",)
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright, beside.home, more=there)
        try:
            yield await (await browser.new_context(locale="ja-JP")).new_page()
        finally:
            await browser.close()


async def test_a_person_registers_with_the_installed_bridge(pc: PC, beside: RunningDemo, tmp_path: Path) -> None:
    port = wait_for(pc, "started")["port"]
    with relay(pc, port) as carried:
        async with page_of(beside, port, carried) as page:
            person = road.Person(page, pc.env, beside.pin, lambda _: asyncio.sleep(0))
            await asyncio.gather(road.enter(person, beside.portal), asyncio.to_thread(allow, pc, tmp_path))
            await log_in(person, tmp_path)
            await asyncio.to_thread(leave_the_desk, pc)
            await road.search(person)
            await road.fill_form(person)
            await confirm_with_pin(person)
            company_id = await road.finish(person)
    verify_stored(beside, company_id)
    logged = events(pc)
    assert [each["verdict"] for each in logged if each["event"] == "consent"] == ["remember"]
    assert [each["type"] for each in logged if each["event"] == "signed"] == ["login", "registration"]
    assert [each["code"] for each in logged if each["event"] == "refused"] == ["pin_session_ended"]


def allow(pc: PC, pictures: Path) -> None:
    """The consent window asks about the portal, which nobody has allowed before."""
    window = display.find_window(pc.env, TITLES, 120)
    picture(pc.env, window, pictures / "consent.png")
    road.use_window(pc.env, TITLES, "", ALLOW)


async def log_in(person: road.Person, pictures: Path) -> None:
    await person.press("登録")
    window = await asyncio.to_thread(display.find_window, person.screen, road.PIN_WINDOW, 120)
    await asyncio.to_thread(picture, person.screen, window, pictures / "pin.png")
    await road.answer_login(person)
    await person.heading("資格審査情報検索")


def picture(screen: display.Environment, window: str, file: Path) -> None:
    display.wait_focused(screen, window)
    time.sleep(road.SETTLE_SECONDS)
    display.screenshot(screen, file, window)


def leave_the_desk(pc: PC) -> None:
    python(pc, "tests.windows.windows_session")
    wait_for(pc, "screen_locked")


async def confirm_with_pin(person: road.Person) -> None:
    """The PIN session ended when the screen was locked: 登録 asks for the PIN, where it would have spared it."""
    await person.press("登録")
    await road.answer_window(person, person.pin)


def test_a_second_start_in_the_session_ends_at_once_or_says_that_it_is_the_second(pc: PC) -> None:
    assert pc.run(PROGRAM, "run", "--no-tray", "--unless-running") == ""
    with subprocess.Popen(
        ["wine", PROGRAM, "run", "--no-tray"], env=pc.env,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as second:  # fmt: skip
        assert second.stdout is not None
        said = [second.stdout.readline() for _ in range(2)]
        second.kill()
    first = wait_for(pc, "started")["port"]
    assert "another bridge of yours runs already" in said[0]
    assert " ready https://localhost:" in said[1]
    assert f":{first}/" not in said[1]
