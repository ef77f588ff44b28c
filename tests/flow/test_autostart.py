"""`card-bridge autostart`: switched, said, and started as a desktop starts it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.flow.bridge import is_alive, prepare
from tests.flow.test_link import command, person  # noqa: F401 - a fixture

OFF = "The bridge does not start when you log on. Start it before you use it.\n"


def on(place: Path) -> str:
    return f"The bridge starts when you log on. ({place})\n"


def test_a_person_switches_it_and_the_doctor_says_so(person: dict[str, str]) -> None:  # noqa: F811
    place = Path(person["XDG_CONFIG_HOME"]) / "autostart/card-bridge.desktop"
    assert command(person, "autostart", "status") == (1, OFF, "")
    assert command(person, "autostart", "on") == (0, on(place), "")
    assert command(person, "autostart", "status") == (0, on(place), "")
    assert f"OK  {on(place)}".replace(person["HOME"], "~") in command(person, "doctor")[1]
    assert command(person, "autostart", "off") == (0, OFF, "")
    assert command(person | {"LANG": "ja_JP.UTF-8"}, "autostart", "status")[1].startswith("サインインしても")
    assert f"OK  {OFF}" in command(person, "doctor")[1]


async def test_a_second_start_by_hand_shows_the_first_ones_page(tmp_path: Path, person: dict[str, str]) -> None:  # noqa: F811
    """Beside another person's bridge, whose page is not shown."""
    other, first = prepare(tmp_path / "other"), prepare(tmp_path / "first")
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{tmp_path}/shown"\n', encoding="utf-8")
    browser.chmod(0o755)
    start = ("run", "--show-running", "--config", str(tmp_path / "first/bridge.toml"))
    await other.start()
    await first.start()
    try:
        done = await asyncio.to_thread(command, person | {"BROWSER": f"{browser} %s"}, *start)
        assert done == (0, "", "")
        assert (tmp_path / "shown").read_text(encoding="ascii") == f"{first.url('/')}\n"
        assert first.process is not None
        assert is_alive(first.process.pid)
    finally:
        await first.stop()
        await other.stop()
