"""Start at log-on for one user of a freedesktop.org desktop (Desktop Application Autostart Specification 0.5).

An entry in the person's `autostart` folder, which stands before one of the same name in the system's; with Hidden=true
it says no to that one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tray.autostart.start import Found, Start
from tray.link.desktop_entry import folder, quoted

NAME: Final = "card-bridge.desktop"
_HEAD: Final = "[Desktop Entry]\nType=Application\nName=Card Bridge\nName[ja]=カードブリッジ\n"
_NO: Final = frozenset({"Hidden=true", "X-GNOME-Autostart-enabled=false"})
"""By the specification, and as GNOME's own settings write it."""


class UserEntry(NamedTuple):
    """`program`: what is started; `everybodys`: the system's entries, the one that counts first."""

    own: Path
    everybodys: tuple[Path, ...]
    program: Sequence[str]

    def switch(self, *, on: bool) -> None:
        everybodys = self._everybodys()
        if on and everybodys is None:
            self._write(entry(self.program))
        elif on or everybodys is None:
            self.own.unlink(missing_ok=True)
        else:
            self._write(f"{_HEAD}Hidden=true\n")

    def find(self) -> Found:
        if (text := _read(self.own)) is not None:
            return Found(Start.ON if _starts(text) else Start.OFF, str(self.own))
        place = self._everybodys()
        return Found(Start.OFF) if place is None else Found(Start.EVERYBODY, str(place))

    def _everybodys(self) -> Path | None:
        """The system's entry, if it starts us."""
        place, text = next(((each, text) for each in self.everybodys if (text := _read(each)) is not None), (None, ""))
        return place if _starts(text) else None

    def _write(self, text: str) -> None:
        self.own.parent.mkdir(parents=True, exist_ok=True)
        self.own.write_text(text, encoding="utf-8")


def of_user(environment: Mapping[str, str], home: Path, program: Sequence[str]) -> UserEntry:
    """In the folders of the XDG Base Directory Specification."""
    own = folder(environment.get("XDG_CONFIG_HOME", ""), home / ".config")
    named = environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    everybodys = [Path(each) for each in named.split(":") if Path(each).is_absolute()]
    return UserEntry(own / "autostart" / NAME, tuple(each / "autostart" / NAME for each in everybodys), program)


def entry(program: Sequence[str]) -> str:
    """A program that is gone is not tried (TryExec)."""
    command = " ".join(map(quoted, program))
    return f"{_HEAD}Exec={command}\nTryExec={program[0]}\nTerminal=false\nStartupNotify=false\n"


def _starts(text: str) -> bool:
    lines = {line.replace(" ", "") for line in text.splitlines()}
    return bool(text) and not lines & _NO


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
