"""Windows programs on a screen of a test's own: Wine, with a Python for Windows (`make .stamps/windows`).

Wine wants pipes at all three of a program's standard handles, or none.
"""

from __future__ import annotations

import contextlib
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.desktop.display import Environment

PYTHON = Path(__file__).parents[2] / ".stamps/windows-python/python.exe"
COMMAND = ("wine", str(PYTHON), "-I", "-B", "-X", "utf8", "-m", "tray.pin_window")
_QUIET = {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=;winedbg.exe=d;wbemprox=;winemenubuilder.exe=d"}


_SHIM = Path(__file__).parents[1] / "windows/bcryptprimitives.c"
_COMPILER = ("x86_64-w64-mingw32-gcc", "-shared", "-O2", "-Wall", "-Werror")
_LETTERS = "Noto Sans CJK JP"
# LOGFONTW: a height of -12 (9 points at 96 dpi), nothing else said, and the name in 32 UTF-16 units.
_LOGFONT = struct.pack("<i", -12) + bytes(24) + _LETTERS.encode("utf-16-le").ljust(64, b"\0")


@contextlib.contextmanager
def windows(screen: Environment, directory: Path) -> Iterator[Environment]:
    """The Windows in a folder, made if need be, for programs on that screen; whatever runs in it ends with it."""
    env = screen | _QUIET | {"WINEPREFIX": str(directory)}
    if not (directory / "system.reg").exists():
        _run(env, "wineboot", "--init")
        # A task dialog takes the font of messages; Wine's own has no Japanese letters.
        metrics = r"HKCU\Control Panel\Desktop\WindowMetrics"
        _run(env, "wine", "reg", "add", metrics, "/v", "MessageFont", "/t", "REG_BINARY", "/d", _LOGFONT.hex(), "/f")
    # One program that stays: without any, Wine ends its desktop and starts it anew for the next.
    with subprocess.Popen(
        ["wine", str(PYTHON), "-I", "-c", "import sys; sys.stdin.read()"],
        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ):  # fmt: skip
        try:
            yield env
        finally:
            # Before the pipes are waited for: what Windows starts by itself holds them, too.
            _run(env, "wineserver", "--kill")
            _run(env, "wineserver", "--wait")


def add_randomness(env: Environment, drive: Path) -> None:
    """A Windows 10 with the one library of its that cryptography wants and Wine lacks; it takes some seconds, once."""
    library = drive / "windows/system32/bcryptprimitives.dll"
    if not library.exists():
        _run(env, "wine", "reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f")
        subprocess.run([*_COMPILER, str(_SHIM), "-ladvapi32", "-o", str(library)], check=True)


def start_services(env: Environment) -> None:
    """Before a program's output is read: Wine's services would hold the pipe of the one that starts them."""
    nothing = subprocess.DEVNULL
    command = ["wine", str(PYTHON), "-I", "-c", "pass"]
    subprocess.run(command, env=env, stdin=nothing, stdout=nothing, stderr=nothing, timeout=60, check=True)


def python(env: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of the Python for Windows, which has our packages and no libraries."""
    command = ["wine", str(PYTHON), "-I", "-B", "-X", "utf8", *arguments]
    return subprocess.run(
        command, env=env, input="", capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


def _run(env: Environment, *command: str) -> None:
    """To its end alone: services that it happens to start would hold pipes of ours open for as long as they live."""
    nothing = subprocess.DEVNULL
    subprocess.run(command, env=env, stdin=nothing, stdout=nothing, stderr=nothing, check=False, timeout=120)
