"""Who may read and replace the files of a certificates' folder: set when they are written, checked when they are read.

POSIX modes; on Windows the folder's access list, which its files inherit.
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
    """Makes the folder and those above it, whatever the umask; one that is there gets the rights. Raises OSError."""
    for folder in (*reversed(directory.parents), directory):
        if not folder.exists():
            folder.mkdir(mode=_FOLDER[scope])
            folder.chmod(_FOLDER[scope])
    _give(directory, scope, _FOLDER[scope])


def open_up(path: Path, scope: Scope) -> None:
    """Gives a new file, so far its owner's alone, to those who are to read it. Raises OSError."""
    _give(path, scope, _FILE[scope])


def refuse_exposed(path: Path, scope: Scope) -> None:
    """A key that more people can read than the scope says, or that another person owns. Raises KeyExposed, OSError."""
    if sys.platform == "win32":
        from certs import access_list, advapi32

        if access_list.exposed(advapi32.rules(path), advapi32.own_sid(), scope):
            raise KeyExposed(path)
    else:
        _refuse_mode(path, scope, _OTHERS if scope is Scope.USER else _OTHERS_WRITE)


def refuse_replaceable(path: Path, scope: Scope) -> None:
    """A folder or file that others can replace. Raises KeyExposed, OSError."""
    if sys.platform == "win32":
        from certs import access_list, advapi32

        if access_list.replaceable(advapi32.rules(path), advapi32.own_sid()):
            raise KeyExposed(path)
    else:
        _refuse_mode(path, scope, _OTHERS_WRITE)


if sys.platform == "win32":

    def _administrator() -> bool:
        import ctypes

        return bool(ctypes.windll.shell32.IsUserAnAdmin())

    def _give(path: Path, scope: Scope, _mode: int) -> None:
        from certs import access_list, advapi32

        advapi32.protect(path, access_list.descriptor(advapi32.own_sid(), scope))
else:

    def _administrator() -> bool:
        return os.geteuid() == _ROOT

    def _give(path: Path, _scope: Scope, mode: int) -> None:
        path.chmod(mode)

    def _refuse_mode(path: Path, scope: Scope, forbidden: int) -> None:
        state = path.stat()
        owners = {os.geteuid()} if scope is Scope.USER else {os.geteuid(), _ROOT}
        if state.st_mode & forbidden or state.st_uid not in owners:
            raise KeyExposed(path)
