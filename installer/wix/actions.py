"""What the installation runs of our own program, as SYSTEM, while it changes the machine.

Bridges end before their files go, and the machine's root goes out of Windows' store while they still stand; it goes in
when all stand. An action whose failure fails the installation has one before it that undoes it when anything fails
later: Windows Installer runs those backwards, when the files are again as they were.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from installer.wix import sql
from installer.wix.names import COMMAND_LINE, file_id
from installer.wix.properties import SETTINGS, remembered

# Windows Installer SDK, Custom Action Return Processing and In-Script Execution Options.
_PROGRAM: Final = 18  # an installed file
_GO_ON: Final = 64  # whatever it returns
_DEFERRED: Final = 1024
_UNDO: Final = _DEFERRED + 256
_AS_SYSTEM: Final = 2048

_LEAVES: Final = 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE'
_CHANGES: Final = 'Installed AND (NOT REMOVE="ALL" OR UPGRADINGPRODUCTCODE)'
_STAYS: Final = "NOT REMOVE"
_MACHINE: Final = 'CERTS="MACHINE"'
_TOLD: Final = f"{_STAYS} AND ({' OR '.join(SETTINGS)})"
_BROWSERS: Final = f"(BROWSER_POLICY=1 OR {remembered('BROWSER_POLICY')}=1)"


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
    Action("RootOutUndo", _UNDO + _GO_ON, "certs install --machine", 1513, f"{_LEAVES} AND {_MACHINE}"),
    Action("RootOut", _DEFERRED, "certs uninstall --machine --all", 1514, _LEAVES),
    Action("BrowsersOutUndo", _UNDO + _GO_ON, "installation browsers", 1515, f'REMOVE="ALL" AND {_BROWSERS}'),
    Action("BrowsersOut", _DEFERRED, "browsers revoke", 1516, f"{_LEAVES} AND {_BROWSERS}"),
    # Undone when the registry is as it was: then it says whether there were any.
    Action("BrowsersInUndo", _UNDO + _GO_ON, "installation browsers", 4900, f"{_STAYS} AND {_BROWSERS}"),
    Action("Check", _DEFERRED, "installation check", 5010, _TOLD),
    Action("Folder", _DEFERRED, "installation folder", 6401, _STAYS),
    Action(
        "RootInUndo",
        _UNDO + _GO_ON,
        "certs uninstall --machine",
        6402,
        f'{_STAYS} AND {_MACHINE} AND NOT {remembered("CERTS")}="MACHINE"',
    ),
    Action("RootIn", _DEFERRED, "certs install --machine", 6403, f"{_STAYS} AND {_MACHINE}"),
    Action("BrowsersIn", _DEFERRED, "installation browsers", 6404, f"{_STAYS} AND {_BROWSERS}"),
    Action("StartAgain", _DEFERRED + _GO_ON, "installation start", 6590, _STAYS),
)
_REMOVE_EXISTING: Final = 1501
"""Inside the transaction: a new version that fails leaves the old one as it was."""


_LOCATION: Final = 1010
"""After CostFinalize, which decides on folders."""


def queries() -> list[str]:
    found = [
        sql.insert("CustomAction", Action="Location", Type=51, Source="ARPINSTALLLOCATION", Target="[INSTALLDIR]"),
        sql.insert("InstallExecuteSequence", Action="Location", Sequence=_LOCATION),
        sql.update("InstallExecuteSequence", "Action", "RemoveExistingProducts", "Sequence", _REMOVE_EXISTING),
    ]
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
