"""On Windows nothing that the bridge starts opens a console's window beside its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.desktop import wine
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)
PARENT = wine.PYTHON.with_name("pythonw.exe")
PROGRAM = Path(__file__).with_name("windows_console.py")


def test_windows_and_card_host_have_no_console_window(system: System, tmp_path: Path) -> None:
    told = tmp_path / "told"
    # Nothing is read from the pipes: a console that opens holds them for as long as this Windows runs.
    with subprocess.Popen(
        ["wine", str(PARENT), "-I", "-B", "-X", "utf8", str(PROGRAM), f"Z:{told}"],
        env=system.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as parent:  # fmt: skip
        assert parent.wait(120) == 0
    without_care, *ours = told.read_text(encoding="ascii").split()
    assert int(without_care) != 0
    assert ours == ["0"] * 4  # a card host that ends at once gets a second chance
