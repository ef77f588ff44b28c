"""The first run on Windows: its task dialogs by keys, on Wine."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desktop import wine
from tests.desktop.display import find_window, press
from tests.desktop.registry import LIBRARIES, windows_path
from tests.desktop.setup_window import TITLES
from tests.desktop.window import System
from tray.first_run import memory
from tray.first_run.course import Step

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

SITE = "https://ebid.example.jp"
START = """
import runpy, sys
sys.path.append(sys.argv[1])
sys.argv = ["setup", *sys.argv[2:]]
runpy.run_module("tray.first_run.window", run_name="__main__")
"""
_KEY_SECONDS = 15
"""After a key that Wine may have lost, since it came before Wine knew of the focus."""


def command(folder: Path) -> list[str]:
    """The window on a PC with nothing but the earlier helper's list."""
    named = ["--config", windows_path(folder / "bridge.toml"), "--old", windows_path(folder / "old.ini")]
    return ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", "-c", START, windows_path(LIBRARIES), *named]


@contextlib.contextmanager
def opened(system: System, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    (folder / "old.ini").write_text(f"url={SITE}/CALS/\n", encoding="ascii")
    folders = {
        "origins": ("grants", folder),
        "tls": ("directory", folder / "tls"),
        "card": ("directory", folder / "card"),
        "log": ("directory", folder / "log"),
    }
    lines = [f"[{name}]\n{key} = {json.dumps(windows_path(path))}" for name, (key, path) in folders.items()]
    (folder / "bridge.toml").write_text("\n".join(('[bridge]\nlanguage = "en"', *lines)), encoding="utf-8")
    pipe = subprocess.PIPE
    with subprocess.Popen(command(folder), env=system.env, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            find_window(system.env, TITLES, 120)
            yield process
        finally:
            process.kill()


def press_until(system: System, key: str, holds: Callable[[], bool]) -> None:
    for _ in range(10):
        press(system.env, key)
        end = time.monotonic() + _KEY_SECONDS
        while time.monotonic() < end:
            if holds():
                return
            time.sleep(0.1)
    raise AssertionError(f"{key} changed nothing")


def test_its_pages_are_walked_by_keys_and_the_rest_is_left_for_later(system: System, tmp_path: Path) -> None:
    wine.start_services(system.env)
    kept = tmp_path / "setup.json"
    with opened(system, tmp_path) as process:
        press_until(system, "alt+n", lambda: memory.recall(kept).step is Step.BROWSER)
        press_until(system, "alt+w", lambda: SITE in _text(tmp_path / "origins.json"))
        press_until(system, "alt+n", lambda: memory.recall(kept).step is Step.SOFTWARE)
        press_until(system, "alt+b", lambda: memory.recall(kept).step is Step.BROWSER)
        second = subprocess.run(
            command(tmp_path), env=system.env, input=b"", capture_output=True, timeout=60, check=True
        )
        assert b"The window is open already" in second.stdout
        press_until(system, "Escape", lambda: process.poll() is not None)
        assert process.returncode == 0, process.communicate()
    assert (memory.recall(kept).step, memory.recall(kept).finished) == (Step.BROWSER, False)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
