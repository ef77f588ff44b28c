"""The Python that is installed along: unpacked, or python.org's embeddable package by its SHA-256."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path


class WrongPython(Exception):
    """The package is not the one that was meant."""


def folder(given: Path, sha256: str, scratch: Path) -> Path:
    """Where it lies unpacked: `given` itself, or a folder in `scratch` with the content of the zip `given`.

    `sha256`: of the zip, in hexadecimal digits. Raises WrongPython, OSError, BadZipFile.
    """
    if given.is_dir():
        if sha256:
            raise WrongPython(f"{given} is a folder: a SHA-256 is that of python.org's embeddable package, a .zip")
        return given
    if not sha256:
        raise WrongPython(f"{given}: name its SHA-256, too (WINDOWS_PYTHON_SHA256)")
    found = hashlib.sha256(given.read_bytes()).hexdigest()
    if found != sha256.lower():
        raise WrongPython(f"{given} has the SHA-256 {found}, not {sha256}")
    with zipfile.ZipFile(given) as package:
        package.extractall(scratch / "python")
    return scratch / "python"
