"""What every system's registration of `card-bridge:` links can do, and what it finds."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol


class Holder(StrEnum):
    """Whose program a link starts. The values are the keys of texts."""

    OURS = "installed"
    EVERYBODY = "everybody"  # the installer's, for all users of this computer
    OTHER = "foreign"
    NOBODY = "absent"


class Found(NamedTuple):
    """`handler`: the command or entry that is registered, as the system names it; empty for nobody's."""

    holder: Holder
    handler: str = ""


class Registration(Protocol):
    """One user's. Each method raises OSError, or UnicodeDecodeError where a file of the system's is none."""

    def install(self) -> None: ...
    def uninstall(self) -> None: ...
    def find(self) -> Found: ...
