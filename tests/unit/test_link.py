"""The registration of `card-bridge:` links, and what GLib makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tray.link import desktop_entry
from tray.link.desktop_entry import Folders

COMMAND = ("/opt/card bridge/python", "-m", "bridge.cli", "link", "open")
OTHERS = "[Added Associations]\ntext/html=a.desktop;\n\n[Default Applications]\ntext/html=a.desktop\n# mine\n"
OURS = "x-scheme-handler/card-bridge=card-bridge-link.desktop\n"
PROGRAM = """
import json, os, sys
from pathlib import Path
with os.fdopen(os.open(sys.argv[1], os.O_WRONLY), "w") as told:
    told.write(json.dumps(sys.argv[2:]))
"""


@pytest.fixture
def places(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "share/applications", tmp_path / "config")


def everything(places: Folders) -> dict[str, bytes]:
    files = [path for top in places if top.is_dir() for path in top.iterdir()]
    return {path.name: path.read_bytes() for path in files}


def test_installing_twice_is_installing_once(places: Folders) -> None:
    desktop_entry.install(places, COMMAND)
    once = everything(places)
    desktop_entry.install(places, COMMAND)
    assert everything(places) == once
    assert once.keys() == {"card-bridge-link.desktop", "mimeapps.list"}
    assert desktop_entry.is_installed(places, COMMAND)


def test_a_program_that_moved_is_registered_anew(places: Folders) -> None:
    desktop_entry.install(places, COMMAND)
    moved = ("/usr/bin/card-bridge", "link", "open")
    assert not desktop_entry.is_installed(places, moved)
    desktop_entry.install(places, moved)
    assert desktop_entry.is_installed(places, moved)


def test_every_other_choice_of_the_persons_stays(places: Folders) -> None:
    places.config.mkdir()
    places.choices.write_text(OTHERS, encoding="utf-8")
    desktop_entry.install(places, COMMAND)
    head, tail = OTHERS.split("[Default Applications]\n")
    assert places.choices.read_text(encoding="utf-8") == f"{head}[Default Applications]\n{OURS}{tail}"
    desktop_entry.uninstall(places)
    assert everything(places) == {"mimeapps.list": OTHERS.encode()}


def test_uninstalling_leaves_another_programs_registration(places: Folders) -> None:
    desktop_entry.install(places, COMMAND)
    other = places.choices.read_text(encoding="utf-8").replace("card-bridge-link", "other")
    places.choices.write_text(other, encoding="utf-8")
    assert not desktop_entry.is_installed(places, COMMAND)
    desktop_entry.uninstall(places)
    assert everything(places) == {"mimeapps.list": other.encode()}
    assert desktop_entry.handler(places) == "other.desktop"


def test_a_list_that_cannot_be_replaced_stays_whole(places: Folders) -> None:
    places.choices.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        desktop_entry.install(places, COMMAND)
    assert list(places.config.iterdir()) == [places.choices]


def test_words_are_quoted_only_where_they_have_to_be() -> None:
    line = next(line for line in desktop_entry.entry(COMMAND).splitlines() if line.startswith("Exec="))
    assert line == 'Exec="/opt/card bridge/python" -m bridge.cli link open'


def test_a_relative_folder_of_the_environment_is_ignored() -> None:
    home = Path("/home/person")
    named = desktop_entry.folders({"XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "relative"}, home)
    assert named == (Path("/data/applications"), home / ".config")
    assert desktop_entry.folders({}, home).applications == home / ".local/share/applications"


@pytest.mark.skipif(shutil.which("gio") is None, reason="needs gio of libglib2.0-bin")
def test_a_links_address_is_no_argument_of_the_program(places: Folders, tmp_path: Path) -> None:
    """Opened by GLib, as browsers have it done; the path has every character that an Exec line treats specially."""
    script = tmp_path / 'a "b" $c `d` \\e %u.py'
    script.write_text(PROGRAM, encoding="utf-8")
    os.mkfifo(told := tmp_path / "told")
    desktop_entry.install(places, (sys.executable, "-I", str(script), str(told), "link", "open"))
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path / "share"), "XDG_CONFIG_HOME": str(places.config)}
    opened = ["gio", "open", "card-bridge:--config=/tmp/evil"]
    assert subprocess.run(opened, env=environment, timeout=30, check=False).returncode == 0
    with open(told, encoding="utf-8") as answer:  # noqa: PTH123  # a pipe: returns when the program has opened it
        assert json.loads(answer.read()) == ["link", "open"]
