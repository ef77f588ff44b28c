"""The handler of `card-bridge:` links on macOS: the bundle's files, what its program starts, and what is told of it.

No Mac takes part: the property list is read by plistlib, the program is run by a shell of this system, and a stand-in
notes what Launch Services would be told.
"""

from __future__ import annotations

import json
import plistlib
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bridge import settings
from tray.link import bundle, command
from tray.link.bundle import Bundle
from tray.link.registration import Found, Holder

PROGRAM = ("/opt/card bridge/python", "-m", "bridge.cli", "link", "open")
NOTES = '#!/bin/sh\necho "$@" >> "$0.told"\n'
ARGUMENTS = "import json, sys; print(json.dumps(sys.argv[1:]))"


class Mac(NamedTuple):
    """A user's applications folder, and the tool that notes what it is told."""

    applications: Path
    register: Path

    @property
    def app(self) -> Path:
        return self.applications / bundle.NAME

    def bundle(self, *program: str) -> Bundle:
        return Bundle(self.applications, program or PROGRAM, self.register)

    def told(self) -> list[str]:
        notes = Path(f"{self.register}.told")
        return notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []


@pytest.fixture
def mac(tmp_path: Path) -> Mac:
    register = tmp_path / "lsregister"
    register.write_text(NOTES, encoding="utf-8")
    register.chmod(0o755)
    return Mac(tmp_path / "Applications", register)


def test_a_round_trip_leaves_nothing_and_tells_launch_services_both_times(mac: Mac) -> None:
    ours = mac.bundle()
    assert ours.find() == Found(Holder.NOBODY)
    ours.install()
    ours.install()
    assert ours.find() == Found(Holder.OURS, str(mac.app))
    ours.uninstall()
    ours.uninstall()
    assert ours.find() == Found(Holder.NOBODY)
    assert list(mac.applications.iterdir()) == []
    assert mac.told() == [f"-f {mac.app}", f"-f {mac.app}", f"-u {mac.app}"]


def test_the_bundle_names_the_scheme_and_its_program(mac: Mac) -> None:
    mac.bundle().install()
    information: dict[str, Any] = plistlib.loads((mac.app / "Contents/Info.plist").read_bytes())
    [links] = information["CFBundleURLTypes"]
    assert links["CFBundleURLSchemes"] == ["card-bridge"]
    assert (information["CFBundlePackageType"], information["LSUIElement"]) == ("APPL", True)
    program = mac.app / "Contents/MacOS" / information["CFBundleExecutable"]
    assert program.stat().st_mode & 0o777 == 0o755
    files = {path.relative_to(mac.app).as_posix() for path in mac.app.rglob("*") if path.is_file()}
    assert files == {"Contents/Info.plist", f"Contents/MacOS/{program.name}"}


def test_whatever_its_program_is_given_is_no_argument_of_ours(mac: Mac) -> None:
    mac.bundle(sys.executable, "-c", ARGUMENTS, "link", 'a "b" $c `d`').install()
    program = mac.app / "Contents/MacOS/card-bridge-link"
    done = subprocess.run([program, "--config=/evil", "card-bridge:x"], capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == ["link", 'a "b" $c `d`']


def test_a_program_that_moved_is_registered_anew(mac: Mac) -> None:
    mac.bundle("/old/python").install()
    assert mac.bundle().find() == Found(Holder.NOBODY)
    mac.bundle().install()
    assert mac.bundle().find().holder is Holder.OURS


def test_a_refusal_of_launch_services_is_told_in_its_words(mac: Mac) -> None:
    mac.register.write_text("#!/bin/sh\necho not here >&2\nexit 3\n", encoding="utf-8")
    with pytest.raises(OSError, match="not here"):
        mac.bundle().install()


@pytest.mark.parametrize(("language", "words"), [("ja", "実機では確かめていません"), ("en", "not been tried on a Mac")])
def test_the_command_says_that_no_mac_was_met(
    mac: Mac, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(command, "_registration", mac.bundle)
    monkeypatch.setattr(settings, "language", lambda _: language)
    assert command.link(["install"]) == 0
    assert words in capsys.readouterr().out
    assert command.link(["uninstall"]) == 0
    assert words not in capsys.readouterr().out
