"""The earlier helper's card library comes into the machine's settings where whoever runs the setup may write them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.private_system import HOMES, USER, PrivateSystem, available

pytestmark = [
    pytest.mark.skipif(not available(), reason="needs mount namespaces"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="an administrator is root"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv (util-linux)"),
]

PERSON = "akiko"
MACHINE = Path("/etc/xdg/card-bridge/config.toml")
PLACE = Path("/var/lib/libraries")
FOUND = "profiles"
"""The libraries that profiles name, which a bridge without settings uses."""
# The interpreter may lie where other users see nothing: this one may read everything, and write what is theirs alone.
READER = (f"--{kind}=-all,+dac_read_search" for kind in ("inh-caps", "ambient-caps", "bounding-set"))
AS_PERSON = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *READER)


@pytest.fixture(scope="module")
def computer(tmp_path_factory: pytest.TempPathFactory) -> PrivateSystem:
    made = PrivateSystem(tmp_path_factory.mktemp("computer"), {PERSON: USER})
    made.real(PLACE).mkdir()
    for name in ("one", "two"):
        shutil.copy(Path(sys.executable).resolve(), made.real(PLACE / f"{name}.so"))
        made.real(PLACE / f"{name}.ini").write_text(f"dll={PLACE / name}.so\n", encoding="utf-8")
    return made


@pytest.fixture
def system(computer: PrivateSystem) -> Iterator[PrivateSystem]:
    """Without settings of the machine's."""
    yield computer
    shutil.rmtree(computer.real(MACHINE.parent), ignore_errors=True)


def setup(system: PrivateSystem, name: str, *as_whom: str, home: str = "root") -> subprocess.CompletedProcess[str]:
    command = (*as_whom, sys.executable, "-X", "utf8", "-m", "bridge.cli", "setup", "--yes", "--json")
    return system.run(*command, "--old", str(PLACE / f"{name}.ini"), HOME=str(HOMES / home), PYTHONUTF8="1")


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What became of the library."""
    (line,) = [each for each in json.loads(done.stdout)["done"] if each["check"] == "library"]
    return dict(line)


def in_use(system: PrivateSystem) -> Any:
    """As a bridge of this computer would read it."""
    program = "import json; from bridge import settings; print(json.dumps(settings.load().card.modules))"
    return json.loads(system.run(sys.executable, "-c", program).stdout)


def test_an_administrator_has_it_written_and_the_bridge_believes_the_file(system: PrivateSystem) -> None:
    assert told(setup(system, "one"))["ok"]
    state = system.real(MACHINE).stat()
    assert (state.st_uid, state.st_mode & 0o022) == (0, 0)
    assert in_use(system) == [FOUND, str(PLACE / "one.so")]
    again = json.loads(setup(system, "one").stdout)
    assert (again["oldHelper"]["libraries"], [each["check"] for each in again["done"]]) == ([], [])


def test_settings_that_are_there_stay_and_the_line_to_write_is_told(system: PrivateSystem) -> None:
    setup(system, "one")
    before = system.real(MACHINE).read_bytes()
    line = told(setup(system, "two"))
    assert not line["ok"]
    assert f'modules = ["{FOUND}", "{PLACE / "one.so"}", "{PLACE / "two.so"}"]' in line["text"]["en"]
    assert str(MACHINE) in line["text"]["en"]
    assert system.real(MACHINE).read_bytes() == before


def test_a_person_who_may_not_write_them_is_told_what_to_ask_for(system: PrivateSystem) -> None:
    line = told(setup(system, "one", *AS_PERSON, home=PERSON))
    assert not line["ok"]
    assert f'modules = ["{FOUND}", "{PLACE / "one.so"}"]' in line["text"]["ja"]
    assert not system.real(MACHINE).exists()


def test_a_file_that_the_bridge_would_not_believe_is_taken_away_again(system: PrivateSystem) -> None:
    """In a folder that everybody may change, it would end every start."""
    folder = system.real(MACHINE.parent)
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert not told(setup(system, "one"))["ok"]
    assert list(folder.iterdir()) == []
