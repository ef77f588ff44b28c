"""Who may read and replace the files of a certificates' folder: set when they are written, checked when they are read.

POSIX modes. On Windows the folder's access list takes their place (see `certs.access_list`).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from certs.errors import KeyExposed, NotAdministrator
from certs.scope import Scope

_ROOT: Final = 0
_OTHERS: Final = 0o077
_OTHERS_WRITE: Final = 0o022
_FOLDER: Final = {Scope.USER: 0o700, Scope.MACHINE: 0o755}
_FILE: Final = {Scope.USER: 0o600, Scope.MACHINE: 0o644}


def demand_rights(directory: Path, scope: Scope) -> None:
    """What all users share, an administrator changes. Raises NotAdministrator."""
    if scope is Scope.MACHINE and not _administrator():
        raise NotAdministrator(directory)


def make_folder(directory: Path, scope: Scope) -> None:
    """Makes the folder and those above it, whatever the umask; one that is there gets the mode. Raises OSError."""
    for folder in (*reversed(directory.parents), directory):
        if not folder.exists():
            folder.mkdir(mode=_FOLDER[scope])
            folder.chmod(_FOLDER[scope])
    directory.chmod(_FOLDER[scope])


def open_up(descriptor: int, scope: Scope) -> None:
    """Gives an open file, so far its owner's alone, to those who are to read it."""
    if os.name == "posix":
        os.fchmod(descriptor, _FILE[scope])


def refuse_exposed(path: Path, state: os.stat_result, scope: Scope) -> None:
    """A key that more people can read than the scope says, or that another person owns. Raises KeyExposed."""
    _refuse(path, state, scope, _OTHERS if scope is Scope.USER else _OTHERS_WRITE)


def refuse_replaceable(path: Path, scope: Scope) -> None:
    """A folder or file that others can replace. Raises KeyExposed, OSError."""
    _refuse(path, path.stat(), scope, _OTHERS_WRITE)


def _administrator() -> bool:
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.shell32.IsUserAnAdmin())
    return os.geteuid() == _ROOT


def _refuse(path: Path, state: os.stat_result, scope: Scope, forbidden: int) -> None:
    if os.name != "posix":
        return
    owners = {os.geteuid()} if scope is Scope.USER else {os.geteuid(), _ROOT}
    if state.st_mode & forbidden or state.st_uid not in owners:
        raise KeyExposed(path)
