"""What the installation runs of our own program, as SYSTEM, while it changes the machine.

Bridges end before their files go, and the machine's root goes out of Windows' store while they still stand; it goes in
when all stand. An action whose failure fails the installation has one before it that undoes it when anything fails
later: Windows Installer runs those backwards, when the files are again as they were.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from installer.wix import sql
from installer.wix.names import COMMAND_LINE, file_id
from installer.wix.properties import remembered

# Windows Installer SDK, Custom Action Return Processing and In-Script Execution Options.
_PROGRAM: Final = 18  # an installed file
_GO_ON: Final = 64  # whatever it returns
_DEFERRED: Final = 1024
_UNDO: Final = _DEFERRED + 256
_AS_SYSTEM: Final = 2048

_LEAVES: Final = 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE'
_CHANGES: Final = 'Installed AND (NOT REMOVE="ALL" OR UPGRADINGPRODUCTCODE)'
_STAYS: Final = "NOT REMOVE"


class Action(NamedTuple):
    name: str
    kind: int
    command: str
    number: int
    """Its place among Windows Installer's own: InstallInitialize 1500, RemoveFiles 3500, InstallFiles 4000,
    WriteRegistryValues 5000, InstallFinalize 6600."""
    condition: str


ACTIONS: Final = (
    Action("StopUndo", _UNDO + _GO_ON, "installation start", 1510, _CHANGES),
    Action("Stop", _DEFERRED + _GO_ON, "installation stop --remember", 1511, _CHANGES),
    Action("StopForGood", _DEFERRED + _GO_ON, "installation stop", 1512, _LEAVES),
    Action("RootOutUndo", _UNDO + _GO_ON, "certs install --machine", 1513, f"{_LEAVES} AND CERTIFICATES=1"),
    Action("RootOut", _DEFERRED, "certs uninstall --machine", 1514, _LEAVES),
    Action("Folder", _DEFERRED, "installation folder", 6401, _STAYS),
    Action(
        "RootInUndo",
        _UNDO + _GO_ON,
        "certs uninstall --machine",
        6402,
        f"{_STAYS} AND CERTIFICATES=1 AND NOT {remembered('CERTIFICATES')}=1",
    ),
    Action("RootIn", _DEFERRED, "certs install --machine", 6403, f"{_STAYS} AND CERTIFICATES=1"),
    Action("StartAgain", _DEFERRED + _GO_ON, "installation start", 6590, _STAYS),
)
_REMOVE_EXISTING: Final = 1501
"""Inside the transaction: a new version that fails leaves the old one as it was."""


def queries() -> list[str]:
    found = [sql.update("InstallExecuteSequence", "Action", "RemoveExistingProducts", "Sequence", _REMOVE_EXISTING)]
    for action in ACTIONS:
        kind = _PROGRAM + _AS_SYSTEM + action.kind
        found += [
            sql.insert(
                "CustomAction", Action=action.name, Type=kind, Source=file_id(COMMAND_LINE), Target=action.command
            ),
            sql.insert(
                "InstallExecuteSequence", Action=action.name, Condition=action.condition, Sequence=action.number
            ),
        ]
    return found
