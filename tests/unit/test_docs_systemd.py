"""The example units are ones that systemd takes, and call what there is."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from portal import cli

UNITS = Path(__file__).parents[2] / "docs" / "examples"


def test_a_unit_calls_a_command_that_exists() -> None:
    unit = configparser.RawConfigParser()
    unit.read(UNITS / "card-bridge-fetch-crls.service")
    _, word, *command = unit["Service"]["ExecStart"].split()
    parsed = cli._parser().parse_args(command)
    assert (word, parsed.command, parsed.config) == ("portal", "fetch-crls", Path("/etc/card-bridge/portal.toml"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS.glob("card-bridge-fetch-crls.*"):
        # The program is not installed here.
        text = unit.read_text().replace("/opt/card-bridge/bin/card-bridge", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    names = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, check=False)
    told = [line for line in done.stderr.decode().splitlines() if "card-bridge" in line]
    assert (done.returncode, told) == (0, [])


def test_a_portal_of_several_processes_is_held_as_one_of_a_single_process() -> None:
    """Whatever is forbidden or given to the one is to the others."""
    of_one, of_several = (
        {line for line in (UNITS / f"card-bridge-portal{name}.service").read_text().splitlines() if "=" in line}
        for name in ("", "@")
    )
    assert {line.partition("=")[0] for line in of_one ^ of_several} == {"Description", "After", "ExecStart"}
