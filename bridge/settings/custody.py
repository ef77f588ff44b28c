"""Whether the machine's settings file is an administrator's, and its folder, by whose rights it could be exchanged.

In Windows everybody may make files below ProgramData, and who makes one owns it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

_ADMINISTRATORS: Final = frozenset({"SY", "BA", "LA", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"})
"""SYSTEM, Administrators, the account Administrator, TrustedInstaller."""
_SID: Final = r"[A-Z]{2}|S(?:-\d+)+"
_DESCRIPTOR: Final = re.compile(rf"O:({_SID})(?:G:(?:{_SID}))?D:(?:P|AR|AI)*((?:\([^()]*\))+)")
"""Anything else, conditions among it, is not understood, and so not believed."""
# MS-DTYP §2.5.1.1; the letters that reading and running need are left out.
_RIGHTS: Final = {
    "GA": 0x10000000, "GW": 0x40000000, "GR": 0x80000000, "GX": 0x20000000, "FA": 0x1F01FF, "FW": 0x120116,
    "FR": 0x120089, "FX": 0x1200A0, "CC": 0x1, "DC": 0x2, "LC": 0x4, "SW": 0x8, "RP": 0x10, "WP": 0x20, "DT": 0x40,
    "LO": 0x80, "CR": 0x100, "SD": 0x10000, "RC": 0x20000, "WD": 0x40000, "WO": 0x80000,
}  # fmt: skip
_READING: Final = 0x80000000 | 0x20000000 | 0x1200A9
"""Generic read and run, and those of files; whatever else is granted may change the file or who has it."""
ADDING: Final = _READING | 0x2 | 0x4 | 0x10 | 0x100
"""To a folder: files, folders, attributes, as Windows lets users below ProgramData. Who adds a file owns it."""


if sys.platform == "win32":

    def is_administrators(path: Path) -> bool:
        """Raises OSError."""
        from bridge.settings import windows_custody

        person = windows_custody.elevated_user()
        of_file, of_folder = (windows_custody.descriptor(each) for each in (path, path.parent))
        return (
            not windows_custody.leads_elsewhere(path.parent)
            and kept_by_administrators(of_file, person)
            and kept_by_administrators(of_folder, person, harmless=ADDING)
        )

else:
    import os
    import stat

    OWNERS = frozenset({0})
    """root."""

    def is_administrators(path: Path) -> bool:
        """Raises OSError."""
        return all(
            state.st_uid in OWNERS and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            for state in map(os.stat, (path, path.parent))
        )


def kept_by_administrators(descriptor: str, *others: str | None, harmless: int = _READING) -> bool:
    """Pure. `descriptor`: owner and access list as SDDL (MS-DTYP §2.5.1). `others`: more who are administrators.

    `harmless`: what anybody may do.
    """
    trusted = _ADMINISTRATORS.union(other for other in others if other)
    found = _DESCRIPTOR.fullmatch(descriptor)
    if found is None or found[1] not in trusted:
        return False
    return all(_is_harmless(entry, trusted, harmless) for entry in found[2][1:-1].split(")("))


def _is_harmless(entry: str, trusted: frozenset[str], harmless: int) -> bool:
    kind, flags, rights, _, _, who = entry.split(";")[:6]
    only_for_what_is_inside = "IO" in re.findall("..", flags)
    return kind == "D" or only_for_what_is_inside or who in trusted or not _mask(rights) & ~harmless


def _mask(rights: str) -> int:
    """Of letters that are not known: everything."""
    if rights.startswith("0x"):
        return int(rights, 16)
    mask = 0
    for letters in re.findall("..?", rights):
        mask |= _RIGHTS.get(letters, 0xFFFFFFFF)
    return mask
