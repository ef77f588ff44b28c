"""The PIN window as a process: what it leaves behind, what it shows to other programs, what it takes for a question."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desktop.display import Environment
from tests.desktop.window import Window

Ask = Callable[..., Window]


def test_process_leaves_no_core_and_is_not_dumpable(ask: Ask) -> None:
    window = ask()
    window.wait_shown()
    proc = Path(f"/proc/{window.process.pid}")
    assert re.search(r"Max core file size +0 +0 ", (proc / "limits").read_text())
    # proc(5): the files of a process that is not dumpable belong to root.
    if os.getuid() != 0:
        with pytest.raises(PermissionError):
            (proc / "mem").open("rb")


def test_nothing_typed_appears_in_arguments_environment_or_errors(ask: Ask) -> None:
    window = ask()
    window.wait_ready()
    window.type("13572468")
    proc = Path(f"/proc/{window.process.pid}")
    assert b"13572468" not in (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
    window.press("Return")
    assert window.answer().octets == b"13572468"
    assert window.process.stderr is not None
    assert b"13572468" not in window.process.stderr.read()


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"[1]\n", b"\xff\n", b'{"v":1}\n'])
def test_what_is_no_question_is_refused(line: bytes, screen: Environment) -> None:
    command = [sys.executable, "-m", "tray.pin_window"]
    done = subprocess.run(command, input=line, env=screen, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"pin window: question refused: ")
