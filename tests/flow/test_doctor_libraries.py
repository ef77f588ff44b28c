"""Card libraries that are there and cannot be loaded: built for other processors, or no libraries at all."""

from __future__ import annotations

import _ctypes
import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flow.doctor import Line, ask, settings

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux", reason="32-bit programs of this processor"
)
SOURCE = "int C_GetFunctionList(void **list) { return list != 0; }\n"
OWN = Path(_ctypes.__file__)


def build32(file: Path, *flags: str) -> Path:
    command = ["gcc", "-m32", "-ffreestanding", "-nostdlib", *flags, "-x", "c", "-", "-o", str(file)]
    subprocess.run(command, input=SOURCE, text=True, check=True)
    return file


def modules(folder: Path, *libraries: Path, host: Path | None = None) -> dict[Path, Line]:
    """The line of each library."""
    config = settings(folder)
    card = f"modules = {json.dumps([str(each) for each in libraries])}"
    if host is not None:
        card += f"\nhost = {json.dumps([str(host)])}"
    config.write_text(config.read_text(encoding="utf-8").replace("modules = []", card), encoding="utf-8")
    told = ask(config, "--personal").lines["module"]
    return {path: next(line for line in told if str(path) in line.en) for path in libraries}


def test_a_library_for_other_processors_is_told_with_what_to_install(tmp_path: Path) -> None:
    other, text = build32(tmp_path / "card32.so", "-shared"), tmp_path / "card.txt"
    text.write_text("no library")
    told = modules(tmp_path, OWN, other, text)
    assert told[OWN].ok
    assert not told[other].ok
    assert "built for 32 bit, x86, and the card host is 64 bit, x86-64" in told[other].en
    assert "64ビット版" in told[other].ja
    assert not told[text].ok
    assert "no library" in told[text].en


def test_a_card_host_of_32_bits_wants_libraries_of_32_bits(tmp_path: Path) -> None:
    other = build32(tmp_path / "card32.so", "-shared")
    host = build32(tmp_path / "host32", "-Wl,--entry=C_GetFunctionList")
    told = modules(tmp_path, OWN, other, host=host)
    assert told[other].ok
    assert not told[OWN].ok
    assert "32ビット版" in told[OWN].ja
