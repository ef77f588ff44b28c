"""What the parts of the source call each other by, and what stays the same in every version."""

from __future__ import annotations

import hashlib
import uuid
from typing import Final
from xml.etree import ElementTree as Xml

NAME: Final = "Card Bridge"
UPGRADE_CODE: Final = "{7B0B8A62-58C1-4B0E-9D0B-5B4F6E9C1A37}"
"""The product through all its versions: never changes."""
_NAMESPACE: Final = uuid.UUID("0d6c2f5e-3f0d-4c58-9b1c-6a4f2d1e7c90")
SCHEMA: Final = "http://schemas.microsoft.com/wix/2006/wi"
PAYLOAD: Final = "payload"
ICON: Final = "card-bridge.ico"
"""Where wixl finds the files and the icon: beside the source, as it takes no absolute path."""
PROGRAM_ICON: Final = "CardBridgeIcon.ico"
"""What Windows shows in its list of programs and in the Start menu."""
WINDOW_PROGRAM: Final = "card-bridge.exe"
COMMAND_LINE: Final = "card-bridge-cli.exe"


def component_id(path: str) -> str:
    return f"c{_digest(path)}"


def file_id(path: str) -> str:
    return f"f{_digest(path)}"


def folder_id(path: str) -> str:
    return f"d{_digest(path)}"


def guid(name: str) -> str:
    """A component's GUID: the same in every version, so that an upgrade knows the file as the one that it replaces."""
    return "{" + str(uuid.uuid5(_NAMESPACE, name)).upper() + "}"


def component(folder: Xml.Element, identifier: str, name: str) -> Xml.Element:
    """Adds one to `folder`; `name` is what its GUID is made from."""
    return Xml.SubElement(folder, "Component", Id=identifier, Guid=guid(name), Win64="yes")


def _digest(path: str) -> str:
    # Identifiers are letters, digits and dots, at most 72 of them: a path is none.
    return hashlib.sha256(path.encode()).hexdigest()[:24]
