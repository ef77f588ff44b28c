"""What the installation runs of our own program."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

from installer.wix.names import COMMAND_LINE, file_id

_ACTIONS: Final = (
    ("RootOut", "certs uninstall --machine", 1502, 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE'),
    ("RootIn", "certs install --machine", 6401, "NOT REMOVE AND CERTIFICATES=1"),
)
"""Name, command, place in the sequence, condition."""


def add(product: Xml.Element) -> None:
    """The root goes in when all files stand, and out while they still do. A failure is the installation's failure."""
    sequence = Xml.Element("InstallExecuteSequence")
    for action, command, number, condition in _ACTIONS:
        Xml.SubElement(
            product, "CustomAction", Id=action, FileKey=file_id(COMMAND_LINE), ExeCommand=command, Execute="deferred",
            Impersonate="no", Return="check",
        )  # fmt: skip
        Xml.SubElement(sequence, "Custom", Action=action, Sequence=str(number)).text = condition
    product.append(sequence)
