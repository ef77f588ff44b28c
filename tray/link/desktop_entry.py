"""The handler of `card-bridge:` links for one user of a freedesktop.org desktop.

Desktop Entry Specification 1.5 and MIME Applications Associations 1.0.1: an entry in the user's applications folder,
and the user's choice of it in mimeapps.list.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tray.link.registration import Found, Holder

NAME: Final = "card-bridge-link.desktop"
MIME: Final = "x-scheme-handler/card-bridge"
_DEFAULTS: Final = "[Default Applications]"
_PLAIN: Final = re.compile(r"[\w./:+-]+")
_RESERVED: Final = str.maketrans({each: f"\\\\{each}" for each in '"`$'} | {"\\": "\\\\\\\\", "%": "%%"})
"""Inside quotes, and escaped once more as every string value is."""


class Folders(NamedTuple):
    applications: Path
    config: Path

    @property
    def entry(self) -> Path:
        return self.applications / NAME

    @property
    def choices(self) -> Path:
        return self.config / "mimeapps.list"


class UserEntry(NamedTuple):
    """The registration of one user, as the command uses it; `program` is what a link starts."""

    places: Folders
    program: Sequence[str]

    def install(self) -> None:
        install(self.places, self.program)

    def uninstall(self) -> None:
        uninstall(self.places)

    def find(self) -> Found:
        name = handler(self.places)
        if is_installed(self.places, self.program):
            return Found(Holder.OURS, NAME)
        return Found(Holder.NOBODY) if name in (None, NAME) else Found(Holder.OTHER, name or "")


def folders(environment: Mapping[str, str], home: Path) -> Folders:
    """Those of the XDG Base Directory Specification; a relative path in the environment is ignored, as it says."""
    return Folders(
        folder(environment.get("XDG_DATA_HOME", ""), home / ".local/share") / "applications",
        folder(environment.get("XDG_CONFIG_HOME", ""), home / ".config"),
    )


def folder(named: str, usual: Path) -> Path:
    """Of the XDG Base Directory Specification: a relative path in the environment counts for nothing."""
    return Path(named) if Path(named).is_absolute() else usual


def entry(command: Sequence[str]) -> str:
    """Exec has no field code: what stands after `card-bridge:` is no argument of it."""
    words = " ".join(map(quoted, command))
    return (
        "[Desktop Entry]\nType=Application\nName=Card Bridge\nName[ja]=カードブリッジ\n"
        f"Exec={words}\nNoDisplay=true\nTerminal=false\nStartupNotify=false\nMimeType={MIME};\n"
    )


def quoted(word: str) -> str:
    """A word of an Exec line."""
    # Only where it has to be: xdg-open without a desktop of its own knows no quotes.
    return word if _PLAIN.fullmatch(word) else f'"{word.translate(_RESERVED)}"'


def install(places: Folders, command: Sequence[str]) -> None:
    """Writes what differs alone. Raises OSError."""
    if _read(places.entry) != entry(command):
        _write(places.entry, entry(command))
    if handler(places) != NAME:
        _write(places.choices, _chosen(_read(places.choices), NAME))


def uninstall(places: Folders) -> None:
    """Takes away what is ours; another program's registration stays. Raises OSError."""
    places.entry.unlink(missing_ok=True)
    if handler(places) == NAME:
        _write(places.choices, _chosen(_read(places.choices), None))


def is_installed(places: Folders, command: Sequence[str]) -> bool:
    return _read(places.entry) == entry(command) and handler(places) == NAME


def handler(places: Folders) -> str | None:
    """The entry that the user's mimeapps.list names for our links, the first of a list."""
    section = ""
    for line in _read(places.choices).splitlines():
        section = line.strip() if line.startswith("[") else section
        if section == _DEFAULTS and _is_ours(line):
            return line.partition("=")[2].partition(";")[0].strip() or None
    return None


def _chosen(text: str, name: str | None) -> str:
    """The list with `name` for our links, or without any; every other line as it was."""
    lines, section = [], ""
    for line in text.splitlines():
        section = line.strip() if line.startswith("[") else section
        if not (section == _DEFAULTS and _is_ours(line)):
            lines.append(line)
    if name is not None:
        if _DEFAULTS not in (stripped := [line.strip() for line in lines]):
            lines, stripped = [*lines, _DEFAULTS], [*stripped, _DEFAULTS]
        lines.insert(stripped.index(_DEFAULTS) + 1, f"{MIME}={name}")
    return "".join(f"{line}\n" for line in lines)


def _is_ours(line: str) -> bool:
    return line.partition("=")[0].strip() == MIME


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _write(path: Path, text: str) -> None:
    """As a whole or not at all: mimeapps.list holds every choice of the user's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
