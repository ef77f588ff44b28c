"""Where the earlier helper keeps its settings. Reads files, changes none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tray.first_run.old_helper import reading
from tray.first_run.old_helper.reading import Found

FOLDER: Final = "ebid"
"""Of the program (ebid\\CoreRelay\\bin\\CoreRelay.exe) and of the settings that all users share."""
_ROOTS: Final = ("ProgramData", "ProgramFiles", "ProgramFiles(x86)", "ProgramW6432", "APPDATA", "LOCALAPPDATA")
_ENDINGS: Final = frozenset({".properties", ".config", ".xml", ".ini", ".json", ".txt", ".lst", ".csv", ".conf"})
_DEEPEST: Final = 4
_MOST: Final = 200
"""Files that are looked at: a folder that turns out to be something else must not take minutes."""


def usual(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The folders that are there. On Windows alone: the helper runs nowhere else."""
    if os.name != "nt":
        return []
    named = (environment.get(name) for name in _ROOTS)
    folders = dict.fromkeys(Path(root) / FOLDER for root in named if root)
    return [folder for folder in folders if folder.is_dir()]


def found(named: Sequence[Path]) -> Found:
    """In these files and folders. A file that cannot be read counts as absent, unless it is named itself.

    Raises OSError.
    """
    return reading.joined(_read(file) for place in named for file in _files(place))


def _files(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    seen = 0
    for folder, inside, names in os.walk(place):
        if len(Path(folder).relative_to(place).parts) >= _DEEPEST:
            inside.clear()
        for name in sorted(names):
            file = Path(folder) / name
            if file.suffix.lower() in _ENDINGS and seen < _MOST and os.access(file, os.R_OK):
                seen += 1
                yield file


def _read(file: Path) -> Found:
    with file.open("rb") as stream:
        octets = stream.read(reading.LARGEST)
    return reading.recognised(reading.decoded(octets), properties=file.suffix.lower() == ".properties")
