"""What every system's start at log-on can do, and what it finds."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol


class Start(StrEnum):
    """Whether the bridge starts at log-on, and by whose choice. The values are the keys of texts."""

    ON = "on"
    EVERYBODY = "everybody"  # the installer's or an administrator's, for all users of this computer
    OFF = "off"
    FORBIDDEN = "forbidden"  # a policy keeps the person's own programs from starting

    @property
    def starts(self) -> bool:
        return self in (Start.ON, Start.EVERYBODY)


class Found(NamedTuple):
    """`place`: the file or key that decides; empty where none does."""

    start: Start
    place: str = ""


class Autostart(Protocol):
    """One person's. Each method raises OSError, or UnicodeDecodeError where a file of the system's is none."""

    def switch(self, *, on: bool) -> None:
        """What the computer starts for everybody is not started twice, and stays where the person cannot say no."""
        ...

    def find(self) -> Found: ...
