"""Builds card-bridge.exe and card-bridge-cli.exe from launcher/, by Debian's MinGW."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from installer.wix import names
from tray import picture
from tray.menu import State

SOURCES: Final = Path(__file__).parent / "launcher"
PYTHON_LIBRARY: Final = "python313.dll"
ICON_SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 256)
"""Pixels: what Windows asks for at scales from 100 % to 250 %, and the large one of folders."""
_COMPILER: Final = "x86_64-w64-mingw32-gcc"
_RESOURCES: Final = "x86_64-w64-mingw32-windres"
# --no-insert-timestamp: the same sources make the same bytes.
_FLAGS: Final = ("-O2", "-s", "-Wall", "-Wextra", "-Werror", "-municode", "-Wl,--no-insert-timestamp")
_PROGRAMS: Final = {names.WINDOW_PROGRAM: ("-mwindows", "-DWINDOW"), names.COMMAND_LINE: ("-mconsole",)}


def build(version: str, scratch: Path, target: Path) -> None:
    """Writes both programs into the folder `target`. Raises CalledProcessError, OSError."""
    (scratch / "build.h").write_text(header(version), encoding="ascii")
    draw_icon(scratch / names.ICON)
    resources = scratch / "launcher.o"
    includes = (f"-I{scratch}", f"-I{SOURCES}")
    # -c 65001: the resource file is UTF-8.
    _run(_RESOURCES, "-c", "65001", *includes, str(SOURCES / "launcher.rc"), str(resources))
    for name, options in _PROGRAMS.items():
        inputs = (str(SOURCES / "launcher.c"), str(resources))
        _run(_COMPILER, *_FLAGS, *options, *includes, "-o", str(target / name), *inputs)


def header(version: str) -> str:
    """build.h: what the C source and the resources are told. `version` is three numbers with dots."""
    numbers = ",".join([*version.split("."), "0"])
    return (
        f"#define VERSION_NUMBERS {numbers}\n"
        f'#define VERSION_TEXT "{version}"\n'
        f'#define PYTHON_DLL L"{PYTHON_LIBRARY}"\n'
    )  # fmt: skip


def draw_icon(path: Path) -> None:
    """The program's icon: the tray's, a card that is ready."""
    largest, *smaller = (picture.draw(State.READY, size) for size in sorted(ICON_SIZES, reverse=True))
    largest.save(path, sizes=[(size, size) for size in ICON_SIZES], append_images=smaller)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
