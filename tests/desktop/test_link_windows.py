"""The registration of `card-bridge:` links for one user of Windows, under Wine: read by `reg`, opened by `start`."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Final

import platformdirs
import pytest

from tests.desktop import wine
from tests.desktop.registry import windows_path
from tests.desktop.window import System

pytestmark = [
    pytest.mark.parametrize("system", ["windows"], indirect=True),
    pytest.mark.usefixtures("nothing_registered"),
]

USER: Final = r"HKCU\Software\Classes\card-bridge"
EVERYBODY: Final = r"HKLM\Software\Classes\card-bridge"
OURS: Final = [r"C:\a folder\python.exe", "-m", "bridge.cli", "link", "open"]
COMMAND: Final = r'"C:\a folder\python.exe" -m bridge.cli link open'
SCRIPT: Final = """
import json, sys
from tray.link.registry import UserClasses
action, program = json.loads(sys.argv[1])
registration = UserClasses(program)
getattr(registration, action)()
print(*registration.find(), sep="|", end="")
"""
# The one library that the command needs is pure Python: Windows reads this system's copy.
COMMAND_LINE: Final = """
import sys
sys.path.append(sys.argv.pop(1))
from bridge.cli import main
sys.exit(main(sys.argv[1:]))
"""
LIBRARIES: Final = Path(platformdirs.__file__).parents[1]
PROGRAM: Final = """
import json, sys
from pathlib import Path
told = Path(sys.argv[1])
told.with_suffix(".new").write_text(json.dumps(sys.argv[2:]), encoding="utf-8")
told.with_suffix(".new").rename(told)
"""


@pytest.fixture(autouse=True)
def services(system: System) -> None:
    wine.start_services(system.env)


@pytest.fixture
def nothing_registered(system: System, services: None) -> None:
    for key in (USER, EVERYBODY):
        reg(system, "delete", key, "/f")


def reg(system: System, *arguments: str) -> str:
    """What Windows' own tool says; nothing where there is no such key."""
    done = subprocess.run(
        ["wine", "reg", *arguments], env=system.env, input="", capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.replace("\r\n", "\n") if done.returncode == 0 else ""


def do(system: System, action: str, program: list[str] | None = None) -> str:
    """One action, and what is found after it: holder|handler."""
    done = wine.python(system.env, "-c", SCRIPT, json.dumps([action, program or OURS]))
    assert done.returncode == 0, done.stderr
    return done.stdout


def register(system: System, scheme: str, name: str, command: str) -> None:
    """As another program does."""
    reg(system, "add", scheme, "/ve", "/d", name, "/f")
    reg(system, "add", rf"{scheme}\shell\open\command", "/ve", "/d", command, "/f")


def test_a_round_trip_leaves_the_registry_as_it_was(system: System) -> None:
    assert do(system, "find") == "absent|"
    assert do(system, "install") == do(system, "install") == f"installed|{COMMAND}"
    written = reg(system, "query", USER, "/s")
    lines = {tuple(line.split("    ")[1:]) for line in written.splitlines() if "REG_SZ" in line}
    texts = {("(Default)", "URL:Card Bridge"), ("URL Protocol", ""), ("(Default)", COMMAND)}
    assert lines == {(name, "REG_SZ", value) for name, value in texts}
    assert "%" not in written
    assert do(system, "uninstall") == "absent|"
    assert reg(system, "query", USER, "/s") == ""


def test_the_command_registers_says_so_and_takes_back(system: System) -> None:
    def command(action: str) -> tuple[int, str]:
        done = wine.python(system.env, "-c", COMMAND_LINE, windows_path(LIBRARIES), "link", action)
        return done.returncode, done.stdout.strip() + done.stderr

    there, gone = "card-bridge: links start Card Bridge", "card-bridge: links are not registered"
    assert [command(action) for action in ("status", "install", "status")] == [(1, gone), (0, there), (0, there)]
    handler = windows_path(wine.PYTHON.with_name("pythonw.exe"))
    assert f"{handler} -I -X utf8 -m bridge.cli link open" in reg(system, "query", USER, "/s")
    assert [command(action) for action in ("uninstall", "status")] == [(0, gone), (1, gone)]


def test_a_program_that_moved_is_told_registered_anew_and_taken_away(system: System) -> None:
    do(system, "install", [r"C:\old\python.exe", "link", "open"])
    assert do(system, "find") == r"foreign|C:\old\python.exe link open"
    assert do(system, "install") == f"installed|{COMMAND}"
    do(system, "install", [r"C:\old\python.exe", "link", "open"])
    assert do(system, "uninstall") == "absent|"


def test_another_programs_registration_is_named_and_left(system: System) -> None:
    register(system, USER, "URL:Other", r"C:\other.exe %1")
    assert do(system, "uninstall") == r"foreign|C:\other.exe %1"
    assert r"C:\other.exe" in reg(system, "query", USER, "/s")


def test_the_installers_registration_will_do(system: System) -> None:
    """A user's own would outlive it."""
    register(system, EVERYBODY, "URL:Card Bridge", r"C:\bridge.exe link open")
    assert do(system, "install") == r"everybody|C:\bridge.exe link open"
    assert reg(system, "query", USER, "/s") == ""
    assert do(system, "uninstall") == r"everybody|C:\bridge.exe link open"


def test_another_programs_for_everybody_gives_way_to_the_users_own(system: System) -> None:
    register(system, EVERYBODY, "URL:Other", r"C:\other.exe %1")
    assert do(system, "find") == r"foreign|C:\other.exe %1"
    assert do(system, "install") == f"installed|{COMMAND}"


def test_a_link_starts_the_program_without_a_console_and_tells_it_nothing(system: System, tmp_path: Path) -> None:
    script, told = tmp_path / "a program.py", tmp_path / "told"
    script.write_text(PROGRAM, encoding="utf-8")
    program = [windows_path(wine.PYTHON), "-I", windows_path(script), windows_path(told), "link", "open"]
    holder, command = do(system, "install", program).split("|")
    assert (holder, "pythonw.exe" in command) == ("installed", True)
    # Windows shows a user's classes and everybody's as one; this Wine opens links by everybody's alone.
    register(system, EVERYBODY, "URL:Card Bridge", command)
    opened = wine.python(system.env, "-c", "import os; os.startfile('card-bridge:--config=/evil')")  # as browsers do
    assert opened.returncode == 0, opened.stderr
    end = time.monotonic() + 60
    while not told.exists():
        assert time.monotonic() < end, "nothing was started"
        time.sleep(0.1)
    assert json.loads(told.read_text(encoding="utf-8")) == ["link", "open"]
