"""What stands in the registry: start with Windows, and links."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

from installer.wix.names import NAME, WINDOW_PROGRAM, component, file_id

AUTOSTART: Final = "Autostart"
"""The component that is installed on the property of that name."""
LINK: Final = "Link"
OWN_KEY: Final = rf"SOFTWARE\{NAME}"
_RUN: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
_SCHEME: Final = r"SOFTWARE\Classes\card-bridge"


def add(install: Xml.Element) -> list[str]:
    """The components' identifiers."""
    return [_autostart(install), _link(install)]


def value(inside: Xml.Element, key: str, text: str, **more: str) -> None:
    """In HKLM, a string unless `more` names another Type; also Name, KeyPath."""
    attributes = {"Root": "HKLM", "Key": key, "Type": "string", "Value": text, **more}
    Xml.SubElement(inside, "RegistryValue", attributes)


def _autostart(install: Xml.Element) -> str:
    inside = component(install, AUTOSTART, "registry:autostart")
    value(inside, _RUN, f'"[#{file_id(WINDOW_PROGRAM)}]" run --unless-running', Name=NAME, KeyPath="yes")
    return AUTOSTART


def _link(install: Xml.Element) -> str:
    """`card-bridge:` links. The command has no %1: what a page writes after the colon is no argument of it."""
    inside = component(install, LINK, "registry:link")
    value(inside, _SCHEME, f"URL:{NAME}")
    value(inside, _SCHEME, "", Name="URL Protocol")
    command = f'"[#{file_id(WINDOW_PROGRAM)}]" link open'
    value(inside, rf"{_SCHEME}\shell\open\command", command, KeyPath="yes")
    return LINK
