"""Start at log-on for one user of macOS: a launch agent (launchd.plist(5)), heeded from the next log-on."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from tray.autostart.start import Found, Start

LABEL: Final = "card-bridge"
EVERYBODYS: Final = Path("/Library/LaunchAgents")


class LaunchAgent(NamedTuple):
    """`folder`: the person's `~/Library/LaunchAgents`; `program`: what is started."""

    folder: Path
    program: Sequence[str]
    everybodys: Path = EVERYBODYS

    def switch(self, *, on: bool) -> None:
        """An agent for everybody stays: launchd has no file by which a person says no to it."""
        if not on or _there(self.everybodys):
            self._own.unlink(missing_ok=True)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._own.write_bytes(plistlib.dumps(_agent(self.program)))

    def find(self) -> Found:
        if _there(self.everybodys):
            return Found(Start.EVERYBODY, str(self.everybodys / self._own.name))
        return Found(Start.ON, str(self._own)) if _there(self.folder) else Found(Start.OFF)

    @property
    def _own(self) -> Path:
        return self.folder / f"{LABEL}.plist"


def _agent(program: Sequence[str]) -> dict[str, Any]:
    return {
        "Label": LABEL,
        "ProgramArguments": list(program),
        "RunAtLoad": True,
        "ProcessType": "Interactive",
        "LimitLoadToSessionType": "Aqua",  # where windows can be shown
    }


def _there(folder: Path) -> bool:
    return (folder / f"{LABEL}.plist").is_file()
