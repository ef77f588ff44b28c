"""For which processor a library was built: real files of each system, and cut-off ones."""

from __future__ import annotations

import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.doctor import binary
from bridge.doctor.binary import Build

SOURCE = "int C_GetFunctionList(void **list) { return list != 0; }\n"
here = pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux", reason="compilers for these processors"
)


def library(folder: Path, *compiler: str) -> Path:
    made = folder / "library.bin"
    command = [*compiler, "-shared", "-ffreestanding", "-nostdlib", "-x", "c", "-", "-o", str(made)]
    subprocess.run(command, input=SOURCE, text=True, check=True)
    return made


@here
@pytest.mark.parametrize(
    ("compiler", "build"),
    [
        (["gcc"], Build("x86-64", 64)),
        (["gcc", "-m32"], Build("x86", 32)),
        (["x86_64-w64-mingw32-gcc", "-Wl,--entry=C_GetFunctionList"], Build("x86-64", 64)),
    ],
    ids=["ELF 64", "ELF 32", "PE 64"],
)
def test_what_a_compiler_made(tmp_path: Path, compiler: list[str], build: Build) -> None:
    assert binary.builds(library(tmp_path, *compiler)) == (build,)


@here
def test_a_windows_library_of_32_bits() -> None:
    """Wine brings such a file; there is no compiler for it here."""
    libraries = sorted(Path("/usr/lib").glob("*/wine/i386-windows/*.dll"))
    if not libraries:
        pytest.skip("needs Wine's own 32-bit files")
    assert binary.builds(libraries[0]) == (Build("x86", 32),)


def test_libraries_of_macos(tmp_path: Path) -> None:
    """Headers as mach-o/loader.h and mach-o/fat.h have them."""
    thin, fat = tmp_path / "thin", tmp_path / "fat"
    thin.write_bytes(struct.pack("<II", 0xFEEDFACF, 0x0100000C) + bytes(24))
    arches = b"".join(struct.pack(">IIIII", cpu, 0, 0x4000, 0x10, 14) for cpu in (0x01000007, 0x0100000C))
    fat.write_bytes(struct.pack(">II", 0xCAFEBABE, 2) + arches)
    assert binary.builds(thin) == (Build("arm64", 64),)
    assert binary.builds(fat) == (Build("x86-64", 64), Build("arm64", 64))


def test_this_program_is_built_for_what_its_file_says() -> None:
    assert binary.own() in binary.builds(Path(sys.executable).resolve())


@given(st.sampled_from([b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b""]), st.binary(max_size=200))
def test_no_file_breaks_it(tmp_path_factory: pytest.TempPathFactory, magic: bytes, rest: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "damaged"
    file.write_bytes(magic + rest)
    assert all(build.bits in (32, 64) for build in binary.builds(file))
    file.write_bytes((magic + rest)[:6])
    assert binary.builds(file) == ()
