"""The machine's certificates and settings in ProgramData. What an administrator put there stays when we go."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

from installer.wix.names import component
from installer.wix.registry import OWN_KEY, value

COMPONENT: Final = "MachineData"
_FOLDER: Final = "DataFolder"


def add(root: Xml.Element) -> str:
    common = Xml.SubElement(root, "Directory", Id="CommonAppDataFolder")
    folder = Xml.SubElement(common, "Directory", Id=_FOLDER, Name="card-bridge")
    inside = component(folder, COMPONENT, "folder:data")
    Xml.SubElement(inside, "RemoveFolder", Id=_FOLDER, On="uninstall")
    value(inside, OWN_KEY, f"[{_FOLDER}]", Name="DataFolder", KeyPath="yes")
    return COMPONENT
