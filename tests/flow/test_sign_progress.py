"""`card-bridge sign` of several files, as somebody at a terminal sees it: how far it is, Ctrl+C, which file it was."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.processes import children
from bridge.audit import reading
from tests.flow.bridge import Bridge, prepare
from tests.unit import pdf_world

if sys.platform != "win32":
    import pty

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a terminal is a pty here")

PATIENCE = 120.0


@pytest.fixture
def bridge(tmp_path: Path) -> Bridge:
    (tmp_path / "bridge").mkdir()
    made = prepare(tmp_path / "bridge")
    made._write_settings({})
    made.fresh_card()
    return made


class Terminal:
    """What a command writes to it as its errors, as far as it was read."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process = process
        self._screen = screen
        self.text = ""

    def read(self) -> bool:
        """False where the command has left."""
        try:
            piece = os.read(self._screen, 4096)
        except OSError:  # EIO: nobody has the other end any more
            return False
        self.text += piece.decode(errors="replace")
        return bool(piece)

    def until(self, wanted: str) -> None:
        end = time.monotonic() + PATIENCE
        while not re.search(wanted, self.text):
            assert self.read(), self.text
            assert time.monotonic() < end, self.text

    def ended(self) -> int:
        while self.read():
            pass
        return self.process.wait(PATIENCE)


@contextmanager
def at_terminal(bridge: Bridge, scratch: Path, *files: Path) -> Iterator[Terminal]:
    screen, end = pty.openpty()
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "sign", "--config", bridge.directory / "bridge.toml"]
    process = subprocess.Popen(
        [*map(str, command), "--format", "pades", *map(str, files)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=end,
        env=os.environ | {"TMPDIR": str(scratch)},
        start_new_session=True,
    )
    os.close(end)
    try:
        yield Terminal(process, screen)
    finally:
        process.kill()
        process.wait(PATIENCE)
        os.close(screen)


def documents(folder: Path, count: int) -> list[Path]:
    files = [folder / f"{at}.pdf" for at in range(count)]
    for file in files:
        file.write_bytes(pdf_world.document("bid"))
    return files


def test_each_step_has_its_line(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234")
    with at_terminal(bridge, tmp_path, *documents(tmp_path, 3)) as terminal:
        assert terminal.ended() == 0, terminal.text
    lines = terminal.text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    assert [line.split("\r")[-1] for line in lines] == ["準備 3/3", "署名 3/3", "書込み 3/3"]


@pytest.mark.parametrize("step", ["準備 1/", "書込み 1/"])
def test_ctrl_c_leaves_nothing(bridge: Bridge, tmp_path: Path, step: str) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    bridge.plan("pin 1234")
    with at_terminal(bridge, scratch, *documents(tmp_path, 80)) as terminal:
        terminal.until(step)
        running = children(terminal.process.pid)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ended() == 130, terminal.text
        assert "Traceback" not in terminal.text
        assert "\r\ncard-bridge: 中止しました。" in terminal.text
        assert running
        assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []
    assert (list(scratch.iterdir()), list(tmp_path.glob("*.signed.pdf"))) == ([], [])
    (line,) = [line for line in reading.lines(bridge.directory / "audit") if line.event == "sign"]
    assert (line.facts["outcome"], line.facts.get("discarded", 0)) == ("page_gone", 80 if step[0] == "書" else 0)


def test_the_file_that_cannot_be_signed_is_named(bridge: Bridge, tmp_path: Path) -> None:
    files = documents(tmp_path, 3)
    files[1].write_bytes(b"%PDF-1.7 no more")
    with at_terminal(bridge, tmp_path, *files) as terminal:
        assert terminal.ended() == 1
    assert f"{files[1]}: " in terminal.text
    assert bridge.questions() == []
