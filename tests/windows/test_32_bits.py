"""A vendor's library of 32 bits behind the frames: a 32-bit program on Wine loads it, the bridge of 64 bits asks.

docs/decisions/0027-libraries-of-32-bits.md. Wine's 32-bit half is unpacked by `make .stamps/wine32`.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
from pathlib import Path

import pefile
import pytest

from bridge.cli import main

ROOT = Path(__file__).parents[2]
WINE = ROOT / ".stamps/wine32"
SOURCES = ROOT / "tests/virtual"
COMPILER = (
    "i686-w64-mingw32-gcc",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-static",
    "-idirafter",
    "/usr/include/p11-kit-1",
)
NAMESPACES = ("/usr/bin/unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child")

pytestmark = pytest.mark.skipif(
    not WINE.exists() or os.geteuid() != 0, reason="32-bit Wine (make .stamps/wine32), which only root can enter"
)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the host, the vendor's library and a C: drive."""
    (folder := tmp_path / "pc").mkdir()
    subprocess.run([*COMPILER, str(SOURCES / "host32_windows.c"), "-o", str(folder / "host32.exe")], check=True)
    library = ["-shared", str(SOURCES / "vendor32.c"), "-o", str(folder / "vendor32.dll")]
    subprocess.run([*COMPILER, *library], check=True)
    # Without a frame it loads the library and ends; the first program makes the C: drive, too.
    subprocess.run(host(folder), stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return folder


def host(folder: Path) -> list[str]:
    """The command of the host with its library."""
    wine = [*NAMESPACES, "sh", str(Path(__file__).with_name("wine32.sh")), str(WINE), str(folder)]
    return [*wine, r"Z:\tmp\host32.exe", r"Z:\tmp\vendor32.dll"]


def test_a_library_of_32_bits_serves_a_bridge_of_64(
    programs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("host32.exe", "vendor32.dll"):
        with pefile.PE(str(programs / name), fast_load=True) as program:
            assert program.FILE_HEADER.Machine == pefile.MACHINE_TYPE["IMAGE_FILE_MACHINE_I386"]
    assert ctypes.sizeof(ctypes.c_void_p) == 8
    (config := tmp_path / "bridge.toml").write_text(
        f"[card]\nhost = {json.dumps(host(programs))}\ndirectory = '{tmp_path}'\n", encoding="utf-8"
    )
    assert main(["cards", "--config", str(config), "--json"]) == 0
    (token,) = json.loads(capsys.readouterr().out)
    assert token["label"] == "library of 4 bytes"
