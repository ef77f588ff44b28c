"""Start at log-on: the files of each system, as their specifications read them."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from tray.autostart import xdg
from tray.autostart.launch_agent import LaunchAgent
from tray.autostart.start import Found, Start

PROGRAM = ("/opt/カード ブリッジ/python", "-m", "bridge.cli", "run", "--unless-running")


@pytest.fixture
def person(tmp_path: Path) -> xdg.UserEntry:
    folders = {
        "XDG_CONFIG_HOME": str(tmp_path / "own"),
        "XDG_CONFIG_DIRS": f"relative:{tmp_path}/first:{tmp_path}/last",
    }
    return xdg.of_user(folders, tmp_path, PROGRAM)


def everybodys(person: xdg.UserEntry, number: int, text: str) -> Path:
    place = person.everybodys[number]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def test_a_person_switches_it_on_and_off(person: xdg.UserEntry) -> None:
    assert person.find() == Found(Start.OFF)
    for _ in range(2):
        person.switch(on=True)
        assert person.find() == Found(Start.ON, str(person.own))
    for _ in range(2):
        person.switch(on=False)
        assert (person.find(), person.own.exists()) == (Found(Start.OFF), False)


def test_the_systems_entry_is_not_doubled_and_can_be_refused(person: xdg.UserEntry) -> None:
    place = everybodys(person, 1, xdg.entry(PROGRAM))
    person.switch(on=True)
    assert (person.find(), person.own.exists()) == (Found(Start.EVERYBODY, str(place)), False)
    person.switch(on=False)
    assert person.find() == Found(Start.OFF, str(person.own))
    person.switch(on=True)
    assert person.find() == Found(Start.EVERYBODY, str(place))


def test_of_the_systems_entries_the_first_counts(person: xdg.UserEntry) -> None:
    everybodys(person, 1, xdg.entry(PROGRAM))
    everybodys(person, 0, "[Desktop Entry]\nHidden=true\n")
    assert person.find() == Found(Start.OFF)
    person.switch(on=True)
    assert person.find() == Found(Start.ON, str(person.own))


@pytest.mark.parametrize("no", ["Hidden=true", "X-GNOME-Autostart-enabled = false"])
def test_a_desktops_own_switch_is_seen(person: xdg.UserEntry, no: str) -> None:
    person.switch(on=True)
    person.own.write_text(f"{person.own.read_text(encoding='utf-8')}{no}\n", encoding="utf-8")
    assert person.find() == Found(Start.OFF, str(person.own))
    person.switch(on=True)
    assert person.find().start is Start.ON


@pytest.mark.skipif(sys.platform != "linux", reason="GLib reads desktop entries there")
def test_glib_starts_what_the_entry_names(tmp_path: Path) -> None:
    """Through a folder and words that need quotes; `TryExec` keeps a program that is gone from being tried."""
    folder = tmp_path / 'カード "$ブリッジ`'
    folder.mkdir()
    program = folder / "program"
    os.mkfifo(told := tmp_path / "told")
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$0" "$@" > "{told}"\n', encoding="utf-8")
    program.chmod(0o755)
    made = tmp_path / "entry.desktop"
    made.write_text(xdg.entry((str(program), "run", "100% $HOME")), encoding="utf-8")
    command = ["gio", "launch", str(made)]
    subprocess.run(command, check=True, timeout=60)  # ends when the program has begun
    # A pipe: read when the program has opened it, and to its end.
    assert told.read_text(encoding="utf-8") == f"{program}|run|100% $HOME|"
    program.unlink()
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode != 0


def test_a_launch_agent_says_what_launchd_needs_and_stands_back_behind_everybodys(tmp_path: Path) -> None:
    agent = LaunchAgent(tmp_path / "own", PROGRAM, tmp_path / "everybody")
    assert agent.find() == Found(Start.OFF)
    agent.switch(on=True)
    file = tmp_path / "own/card-bridge.plist"
    assert agent.find() == Found(Start.ON, str(file))
    written = plistlib.loads(file.read_bytes())
    assert (written["Label"], written["ProgramArguments"], written["RunAtLoad"]) == ("card-bridge", list(PROGRAM), True)
    agent.switch(on=False)
    assert agent.find() == Found(Start.OFF)
    (tmp_path / "everybody").mkdir()
    (tmp_path / "everybody/card-bridge.plist").write_bytes(plistlib.dumps({"Label": "card-bridge"}))
    agent.switch(on=True)
    assert (agent.find().start, file.exists()) == (Start.EVERYBODY, False)
