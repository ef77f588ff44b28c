"""A password for a server: in a file of its own that only its owner can read, never in the settings."""

from __future__ import annotations

import stat
import sys
from pathlib import Path


class PasswordUnusable(OSError):
    """The file is not there, not readable, not UTF-8, or readable by others; the text names it."""


def read(path: Path) -> str:
    """The file's first line. Raises PasswordUnusable."""
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise PasswordUnusable(f"{path}: {error.strerror}") from error
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
        raise PasswordUnusable(f"{path}: readable by others than its owner (chmod 600)")
    try:
        return content.decode("utf-8").partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError as error:
        raise PasswordUnusable(f"{path}: not UTF-8") from error
