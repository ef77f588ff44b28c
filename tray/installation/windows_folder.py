"""The machine's folder in ProgramData, where Windows lets anybody make folders: its settings decide who asks for PINs.

It becomes the administrators', and what others put there before is moved out of the way: Windows would let them go on
changing it.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from certs import access_list, advapi32
from certs.scope import Scope

_SUFFIX: Final = ".not-trusted"
_REPARSE_POINT: Final = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT: a link or junction


def take_over(folder: Path) -> list[Path]:
    """What was moved out of the way. Raises OSError."""
    own = advapi32.own_sid()  # SYSTEM, when the installer runs us
    if _leads_elsewhere(folder):
        folder.unlink()  # the link alone
    folder.mkdir(exist_ok=True)
    advapi32.protect(folder, access_list.descriptor(own, Scope.MACHINE))
    if _leads_elsewhere(folder):
        raise NotADirectoryError(f"{folder} was exchanged meanwhile")
    return [_aside(path) for path in _of_others(folder, own)]


def _leads_elsewhere(folder: Path) -> bool:
    try:
        return bool(folder.lstat().st_file_attributes & _REPARSE_POINT)
    except FileNotFoundError:
        return False


def _of_others(folder: Path, own: str) -> Iterator[Path]:
    for path in list(folder.iterdir()):
        if not path.name.endswith(_SUFFIX) and access_list.replaceable(advapi32.rules(path), own):
            yield path


def _aside(path: Path) -> Path:
    names = (path.with_name(f"{path.name}{number or ''}{_SUFFIX}") for number in range(1000))
    place = next(name for name in names if not name.exists())
    return path.rename(place)
