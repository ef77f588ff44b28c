"""What systemd-logind keeps of a session tells a remote one where no variable does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.doctor.remote import Line, line

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")


@pytest.mark.parametrize(("kept", "found"), [("REMOTE=1", Line.DESKTOP), ("REMOTE=0", None), ("", None)])
def test_the_sessions_file(tmp_path: Path, kept: str, found: Line | None) -> None:
    (tmp_path / "7").write_text(f"UID=1000\n{kept}\nTYPE=x11\n", encoding="utf-8")
    assert line({"XDG_SESSION_ID": "7", "DISPLAY": ":0"}, tmp_path) is found


@pytest.mark.parametrize("number", ["", "8", "../7", "7/../7"])
def test_no_such_session(tmp_path: Path, number: str) -> None:
    (tmp_path / "7").write_text("REMOTE=1\n", encoding="utf-8")
    assert line({"XDG_SESSION_ID": number, "DISPLAY": ":0"}, tmp_path) is None
