"""The record of signatures as Windows writes it, under Wine; verified here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bridge.audit import reading
from bridge.audit.verify import verify
from tests.desktop import wine
from tests.desktop.test_windows_certs import services
from tests.desktop.window import System

__all__ = ["services"]

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)


def test_two_bridges_write_one_record_in_turn(system: System, tmp_path: Path) -> None:
    program, folder = Path(__file__).with_name("windows_audit.py"), tmp_path / "audit"
    done = subprocess.run(
        ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", str(program), f"Z:{folder}"],
        env=system.env, input="", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.stdout.split(), done.returncode) == (["held"], 0), done.stderr
    report = verify(reading.pieces(folder))
    assert (report.findings, len(reading.signatures(reading.lines(folder)))) == ((), 13)
    assert len(list(folder.glob("*.jsonl"))) > 2
