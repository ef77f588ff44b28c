"""`card-bridge link`: registered and taken back by a person, opened by a desktop on behalf of a page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.flow.bridge import Bridge, is_alive, prepare

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
TRICKS = ("--no-tray", "--config=/nonexistent", "card-bridge://run?x", "certs uninstall", "")


@pytest.fixture
def person(tmp_path: Path) -> dict[str, str]:
    """A person who reads English, with no screen, and every folder of theirs below the test's."""
    (tmp_path / "config/card-bridge").mkdir(parents=True)
    names = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "share", "XDG_STATE_HOME": "state", "HOME": "home"}
    return os.environ | NO_SCREEN | {name: str(tmp_path / folder) for name, folder in names.items()} | {"LANG": "en"}


def command(person: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    whole = [sys.executable, "-X", "utf8", "-m", "bridge.cli", *arguments]
    done = subprocess.run(
        whole, env=person, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def settle(person: dict[str, str], card: Path, port: int) -> None:
    """The person's settings name the card's folder and one port."""
    file = Path(person["XDG_CONFIG_HOME"]) / "card-bridge/config.toml"
    file.write_text(f"[bridge]\nport = {port}\n[card]\ndirectory = {json.dumps(str(card))}\n", encoding="utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    bridge = prepare(tmp_path_factory.mktemp("bridge"))
    await bridge.start()
    yield bridge
    await bridge.stop()


async def test_a_person_registers_asks_and_takes_back(person: dict[str, str]) -> None:
    absent, installed = "card-bridge: links are not registered\n", "card-bridge: links start Card Bridge\n"
    assert command(person, "link", "status") == (1, absent, "")
    for _ in range(2):
        assert command(person, "link", "install") == (0, installed, "")
    assert command(person, "link", "status") == (0, installed, "")
    for _ in range(2):
        assert command(person, "link", "uninstall") == (0, absent, "")
    assert command(person | {"LANG": "ja"}, "link", "status")[1] == "「card-bridge:」リンクは登録されていません\n"


async def test_another_programs_registration_is_named(person: dict[str, str]) -> None:
    choices = Path(person["XDG_CONFIG_HOME"]) / "mimeapps.list"
    choices.write_text("[Default Applications]\nx-scheme-handler/card-bridge=other.desktop;\n", encoding="utf-8")
    told = "card-bridge: links are registered for another program: other.desktop\n"
    assert command(person, "link", "status") == (1, told, "")


async def test_a_link_while_a_bridge_runs_ends_quietly(running: Bridge, person: dict[str, str]) -> None:
    settle(person, running.directory / "card", 0)
    assert command(person, "link", "open") == (0, "", "")
    assert running.process is not None
    assert is_alive(running.process.pid)


async def test_what_a_link_carries_changes_nothing(running: Bridge, tmp_path: Path, person: dict[str, str]) -> None:
    """The port is the running bridge's: whoever starts is refused it, and says so by what they were told to do."""
    settle(person, tmp_path / "card", running.port)
    refused = command(person, "link", "open")
    assert refused[0] == 3
    assert f"ports {running.port} to {running.port} are taken" in refused[2]
    for trick in TRICKS:
        assert command(person, "link", "open", trick) == refused
