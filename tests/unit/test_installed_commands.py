"""The command line as the MSI installs it: without the portal, and without what needs it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cli import COMMANDS
from installer.payload import PACKAGES

ROOT = Path(__file__).parents[2]
# -S: the environment of the tests, which has the portal, is out of sight.
PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from bridge.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our packages that are installed, and no others."""
    folder = tmp_path_factory.mktemp("lib")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package)
    return folder


def card_bridge(library: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", PROGRAM, str(library), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_every_command_that_is_listed_is_there_and_no_other(library: Path) -> None:
    listed = {line.split()[0] for line in card_bridge(library, "--help").stdout.splitlines() if line.startswith("  ")}
    modules = {name: command.entry.partition(":")[0].replace(".", "/") for name, command in COMMANDS.items()}
    there = {name for name, module in modules.items() if (library / f"{module}.py").exists()}
    assert there - listed == {"demo"}  # its module is, and would not find the portal
    assert listed - there == {"card-bridge"}  # the usage


@pytest.mark.parametrize("name", ["demo", "portal"])
def test_a_command_that_is_missing_says_so(library: Path, name: str) -> None:
    done = card_bridge(library, name)
    assert done.returncode == 2
    assert done.stderr.startswith(f"card-bridge: {name} is not part of this installation")
    assert f"\n  {name} " not in done.stderr


def test_the_sources_have_all_of_them() -> None:
    assert all(command.present for command in COMMANDS.values())
