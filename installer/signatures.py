"""Which files of a folder Windows runs, and who signed each (Authenticode).

A signature's chain is Windows' business: Microsoft's roots are not Debian's. That a file is the one its vendor signed
follows from where it came from, a package of a known SHA-256.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pefile
from asn1crypto import cms

_MAGIC: Final = b"MZ"
_SECURITY: Final = pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_SECURITY"]
_HEAD: Final = 8
"""WIN_CERTIFICATE before its content: length, revision, type (PE format, The Attribute Certificate Table)."""
UNSIGNED: Final = "-"


def programs(folder: Path) -> list[Path]:
    """Every EXE, DLL and PYD below it, by its first bytes and whatever its name, in order of their paths."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and _begins(path) == _MAGIC)


def signer(program: Path) -> str | None:
    """The name in the signer's certificate; None without a signature. Raises PEFormatError, ValueError."""
    with pefile.PE(str(program), fast_load=True) as portable:
        entry = portable.OPTIONAL_HEADER.DATA_DIRECTORY[_SECURITY]
        start, size = entry.VirtualAddress, entry.Size  # the only directory entry that holds a place in the file
    if not size:
        return None
    signed = cms.ContentInfo.load(program.read_bytes()[start + _HEAD : start + size])["content"]
    serial = signed["signer_infos"][0]["sid"].chosen["serial_number"].native
    subjects = [each.chosen.subject for each in signed["certificates"] if each.chosen.serial_number == serial]
    return str(subjects[0].native["common_name"])


def unsigned(folder: Path) -> list[Path]:
    """Programs that nobody signed."""
    return [program for program in programs(folder) if signer(program) is None]


def listing(folder: Path) -> str:
    """One line a program: its path with slashes, a tab, who signed it or UNSIGNED."""
    found = ((program.relative_to(folder).as_posix(), signer(program) or UNSIGNED) for program in programs(folder))
    return "".join(f"{path}\t{name}\n" for path, name in found)


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))
