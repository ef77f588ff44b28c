"""A page, the daemon without an icon, and the real consent window in front of the person."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desktop.consent import TITLES
from tests.desktop.display import Environment, find_window, press, wait_focused, wait_gone
from tests.flow.bridge import Bridge, prepare

SITE = "https://new.example"


@contextlib.asynccontextmanager
async def daemon(directory: Path) -> AsyncIterator[Bridge]:
    made = prepare(directory)
    await made.start(origins={"locked": False, "window": []})
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture(autouse=True)
def on_screen(screen: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "QT_QPA_PLATFORM", "LC_CTYPE"):
        monkeypatch.setenv(name, screen[name])


def answer(screen: Environment, key: str) -> None:
    wait_focused(screen, find_window(screen, TITLES, 60))
    time.sleep(1.2)  # longer than the guard waits
    press(screen, key)


@pytest.mark.parametrize(("key", "status"), [("alt+a", 200), ("alt+o", 200), ("alt+n", 403)])
async def test_the_persons_key_decides(tmp_path: Path, screen: Environment, key: str, status: int) -> None:
    async with daemon(tmp_path) as bridge, bridge.page(SITE) as page:
        connecting = asyncio.create_task(page.post("connect", {}))
        await asyncio.to_thread(answer, screen, key)
        assert (await connecting)[0] == status
        await asyncio.to_thread(wait_gone, screen, TITLES)
        assert (await page.post("connect", {}))[0] == status  # without another window


async def test_a_closed_tab_takes_the_window_from_the_screen(tmp_path: Path, screen: Environment) -> None:
    async with daemon(tmp_path) as bridge, bridge.page(SITE) as page:
        async with page.socket() as socket:
            await socket.ask(1, "connect", {})
            await asyncio.to_thread(find_window, screen, TITLES, 60)
        await asyncio.to_thread(wait_gone, screen, TITLES, 20)


async def test_without_a_screen_nobody_is_allowed_and_nothing_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with daemon(tmp_path) as bridge, bridge.page(SITE) as page:
        assert (await page.refusal("connect", {}))["code"] == "origin_denied"
