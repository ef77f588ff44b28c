"""Start at log-on for one user of Windows, under Wine: written and read beside by `reg`."""

from __future__ import annotations

import json
import subprocess
from typing import Final

import pytest

from tests.desktop import wine
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

CURRENT: Final = r"Software\Microsoft\Windows\CurrentVersion"
OWN: Final = rf"HKCU\{CURRENT}\Run"
EVERYBODYS: Final = rf"HKLM\{CURRENT}\Run"
APPROVED: Final = rf"HKCU\{CURRENT}\Explorer\StartupApproved\Run"
POLICY: Final = rf"HKLM\{CURRENT}\Policies\Explorer"
COMMAND: Final = r'"C:\a folder\python.exe" -m bridge.cli run --unless-running'
SCRIPT: Final = r"""
import json, sys
from tray.autostart.run_key import RunKey
key = RunKey([r"C:\a folder\python.exe", "-m", "bridge.cli", "run", "--unless-running"])
said = []
for action in json.loads(sys.argv[1]):
    if action is not None:
        key.switch(on=action)
    said.append(key.find())
print(json.dumps(said))
"""


@pytest.fixture(autouse=True)
def nothing_set(system: System) -> None:
    wine.start_services(system.env)
    for key in (OWN, EVERYBODYS, APPROVED):
        reg(system, "delete", key, "/v", "Card Bridge", "/f")
    reg(system, "delete", POLICY, "/v", "DisableCurrentUserRun", "/f")


def reg(system: System, *arguments: str) -> str:
    """What Windows' own tool says; nothing where there is no such value."""
    done = subprocess.run(
        ["wine", "reg", *arguments], env=system.env, input="", capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout if done.returncode == 0 else ""


def found(system: System, *actions: bool | None) -> list[list[str]]:
    """After each switch, or None for a look, who decides and where."""
    done = wine.python(system.env, "-c", SCRIPT, json.dumps(actions))
    assert done.returncode == 0, done.stderr
    said: list[list[str]] = json.loads(done.stdout)
    return said


def own(system: System) -> str:
    return reg(system, "query", OWN, "/v", "Card Bridge")


def test_a_person_switches_it_on_and_off(system: System) -> None:
    on, off = ["on", OWN], ["off", ""]
    assert found(system, None, True, True) == [off, on, on]
    assert COMMAND in own(system)
    assert found(system, False, False) == [off, off]
    assert own(system) == ""


def test_what_was_refused_in_the_task_manager_is_off_until_it_is_switched_on(system: System) -> None:
    found(system, True)
    reg(system, "add", APPROVED, "/v", "Card Bridge", "/t", "REG_BINARY", "/d", "030000000000000000000000", "/f")
    assert found(system, None, True) == [["off", APPROVED], ["on", OWN]]


def test_the_installers_entry_is_not_doubled_and_stays(system: System) -> None:
    found(system, True)
    reg(system, "add", EVERYBODYS, "/v", "Card Bridge", "/d", r"C:\bridge.exe run --unless-running", "/f")
    assert found(system, True, False) == [["everybody", EVERYBODYS]] * 2
    assert own(system) == ""
    assert "bridge.exe" in reg(system, "query", EVERYBODYS, "/v", "Card Bridge")


def test_a_policy_that_lets_no_such_entry_start_is_named(system: System) -> None:
    reg(system, "add", POLICY, "/v", "DisableCurrentUserRun", "/t", "REG_DWORD", "/d", "1", "/f")
    assert [start for start, _ in found(system, None, True)] == ["forbidden", "forbidden"]
