"""What stands in the registry: start with Windows, links, and the Start menu's entry."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

from installer.wix.names import NAME, PROGRAM_ICON, WINDOW_PROGRAM, component, file_id

AUTOSTART: Final = "Autostart"
"""The component that is installed on the property of that name."""
LINK: Final = "Link"
START_MENU: Final = "StartMenu"
OWN_KEY: Final = rf"SOFTWARE\{NAME}"
_RUN: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
_SCHEME: Final = r"SOFTWARE\Classes\card-bridge"


def add(install: Xml.Element) -> list[str]:
    """The components' identifiers."""
    return [_autostart(install), _link(install)]


def add_start_menu(root: Xml.Element) -> str:
    """The entry that people find by typing the program's name."""
    menu = Xml.SubElement(root, "Directory", Id="ProgramMenuFolder")
    inside = component(menu, START_MENU, "shortcut:start menu")
    Xml.SubElement(
        inside, "Shortcut", Id="StartMenuEntry", Name=NAME, Target=f"[#{file_id(WINDOW_PROGRAM)}]",
        Arguments="run --show-running", WorkingDirectory="INSTALLDIR", Icon=PROGRAM_ICON, IconIndex="0",
    )  # fmt: skip
    value(inside, OWN_KEY, "1", Name="StartMenu", KeyPath="yes")
    return START_MENU


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
