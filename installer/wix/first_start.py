"""CERTS=FIRSTBOOT: which computer is the image, and the service that makes certificates on those made from it.

The service is written into the registry as it stands there, not installed by Windows Installer's own table, which ties
a service to the component of its program: that one is everybody's. It is read at the next start of Windows, the first
that it is for.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

from certs.first_start import KEY, SERVICE
from installer.wix.names import COMMAND_LINE, NAME, component, file_id
from installer.wix.properties import search
from installer.wix.registry import value

COMPONENT: Final = "FirstStart"
CONDITION: Final = 'CERTS="FIRSTBOOT"'
MACHINE: Final = "MACHINE_GUID"
_CRYPTOGRAPHY: Final = r"SOFTWARE\Microsoft\Cryptography"
_SERVICE: Final = rf"SYSTEM\CurrentControlSet\Services\{SERVICE}"
# winnt.h
_NUMBERS: Final = {
    "Type": 0x10,  # SERVICE_WIN32_OWN_PROCESS
    "Start": 2,  # SERVICE_AUTO_START
    "ErrorControl": 1,  # SERVICE_ERROR_NORMAL: Windows starts all the same
}


def add(product: Xml.Element, install: Xml.Element) -> str:
    search(product, MACHINE, _CRYPTOGRAPHY, "MachineGuid")
    inside = component(install, COMPONENT, "registry:first-start")
    value(inside, KEY, f"[{MACHINE}]", Name="Machine", KeyPath="yes")
    value(inside, KEY, "[ComputerName]", Name="Computer")
    for name, number in _NUMBERS.items():
        value(inside, _SERVICE, str(number), Name=name, Type="integer")
    value(inside, _SERVICE, f"{NAME}: first start", Name="DisplayName")
    value(inside, _SERVICE, "LocalSystem", Name="ObjectName")
    value(inside, _SERVICE, f'"[#{file_id(COMMAND_LINE)}]" certs first-start', Name="ImagePath")
    return COMPONENT
