"""For which processors a library was built, read from its header: ELF, PE and Mach-O. Loads nothing."""

from __future__ import annotations

import platform
import struct
from pathlib import Path
from typing import NamedTuple


class Build(NamedTuple):
    machine: str
    """x86 | x86-64 | arm | arm64, else the header's own number."""
    bits: int


_ELF = {3: "x86", 62: "x86-64", 40: "arm", 183: "arm64"}  # e_machine, System V ABI
_PE = {0x14C: "x86", 0x8664: "x86-64", 0x1C4: "arm", 0xAA64: "arm64"}  # PE format, Machine types
_MACH = {7: "x86", 0x01000007: "x86-64", 12: "arm", 0x0100000C: "arm64"}  # mach/machine.h
_NAMES = {"amd64": "x86-64", "x86_64": "x86-64", "aarch64": "arm64", "arm64": "arm64", "i686": "x86", "i386": "x86"}
_HEADER = 4096  # bytes; a PE header stands behind a small program for DOS
_FAT_LIMIT = 16


def builds(path: Path) -> tuple[Build, ...]:
    """What stands in the file; none when it is no library of any system. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_HEADER)
    try:
        return _elf(head) or _pe(head) or _mach(head)
    except struct.error:  # cut off
        return ()


def own() -> Build:
    """Of this Python, and so of the card host."""
    bits = struct.calcsize("P") * 8
    machine = _NAMES.get(platform.machine().lower(), platform.machine().lower())
    # A 32-bit program on a 64-bit system: the machine is the system's.
    return Build({"x86-64": "x86", "arm64": "arm"}.get(machine, machine) if bits == 32 else machine, bits)


def _elf(head: bytes) -> tuple[Build, ...]:
    if head[:4] != b"\x7fELF":
        return ()
    width, data = struct.unpack_from("BB", head, 4)  # EI_CLASS, EI_DATA
    order = "<" if data == 1 else ">"
    (machine,) = struct.unpack_from(f"{order}H", head, 18)
    return (Build(_ELF.get(machine, str(machine)), 64 if width == 2 else 32),)


def _pe(head: bytes) -> tuple[Build, ...]:
    if head[:2] != b"MZ":
        return ()
    (offset,) = struct.unpack_from("<I", head, 0x3C)
    if head[offset : offset + 4] != b"PE\0\0":
        return ()
    (machine,) = struct.unpack_from("<H", head, offset + 4)
    (magic,) = struct.unpack_from("<H", head, offset + 24)  # 0x20B: PE32+
    return (Build(_PE.get(machine, hex(machine)), 64 if magic == 0x20B else 32),)


def _mach(head: bytes) -> tuple[Build, ...]:
    if head[:4] == b"\xca\xfe\xba\xbe":  # several in one file
        (count,) = struct.unpack_from(">I", head, 4)
        return tuple(_mach_build(*struct.unpack_from(">I", head, 8 + 20 * n)) for n in range(min(count, _FAT_LIMIT)))
    if head[:4] in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"):
        return (_mach_build(*struct.unpack_from("<I", head, 4)),)
    return ()


def _mach_build(cpu: int) -> Build:
    return Build(_MACH.get(cpu, hex(cpu)), 64 if cpu & 0x01000000 else 32)
