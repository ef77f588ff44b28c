"""What an administrator may set on msiexec's command line, and how a later version knows it again.

What was set is kept in the machine's registry. A property that the command line does not name takes the value that was
kept, and without one its usual value: an upgrade, a repair and a change by hand find things as they were decided.
Those that are settings of the bridge are kept where the bridge reads what the installer was told (docs/settings.md).
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

from installer.wix import sql
from installer.wix.names import component
from installer.wix.registry import OWN_KEY, value

PROPERTIES: Final = {
    "AUTOSTART": "1",
    "CERTS": "MACHINE",
    "BROWSER_POLICY": "0",
    "ALLOWED_ORIGINS": "",
    "CARD_MODULES": "",
    "LANGUAGE": "",
}
"""With the values that hold otherwise."""
SETTINGS: Final = {
    "ALLOWED_ORIGINS": "origins.allowed",
    "CARD_MODULES": "card.modules",
    "LANGUAGE": "bridge.language",
}
"""Settings of the bridge. One that nobody gave is not written: the layers below it would count for nothing."""
ALLOWED: Final = {
    'AUTOSTART="0" OR AUTOSTART="1"': "AUTOSTART must be 0 or 1.",
    'CERTS="MACHINE" OR CERTS="FIRSTBOOT" OR CERTS="NONE"': "CERTS must be MACHINE, FIRSTBOOT or NONE.",
    'BROWSER_POLICY="0" OR BROWSER_POLICY="1"': "BROWSER_POLICY must be 0 or 1.",
    'ALLOWED_ORIGINS OR BROWSER_POLICY="0"': "BROWSER_POLICY=1 needs ALLOWED_ORIGINS.",
    'NOT LANGUAGE OR LANGUAGE="ja" OR LANGUAGE="en" OR LANGUAGE="auto"': "LANGUAGE must be ja, en or auto.",
}
"""Condition → what is said where it does not hold."""
COMPONENT: Final = "Remembered"
_SET_PROPERTY: Final = 51
"""A custom action's type: the property of its source becomes the text of its target."""
_SEQUENCES: Final = ("InstallUISequence", "InstallExecuteSequence")
_KEPT, _USUAL = 60, 61
"""After AppSearch, which reads the registry at 50, and before LaunchConditions at 100."""


def add(product: Xml.Element) -> None:
    for name in PROPERTIES:
        key, kept_as = _place(name)
        search(product, remembered(name), key, kept_as)
    for condition, message in ALLOWED.items():
        Xml.SubElement(product, "Condition", Message=message).text = condition


def search(product: Xml.Element, name: str, key: str, kept_as: str) -> None:
    """A property that holds what the machine's registry says before anything is installed."""
    found = Xml.SubElement(product, "Property", Id=name)
    Xml.SubElement(
        found, "RegistrySearch", Id=f"Search{name}", Root="HKLM", Key=key, Name=kept_as, Type="raw", Win64="yes"
    )


def add_memory(install: Xml.Element) -> list[str]:
    """The components that keep them."""
    inside = component(install, COMPONENT, "registry:remembered")
    for number, name in enumerate(name for name in PROPERTIES if name not in SETTINGS):
        more = {"KeyPath": "yes"} if number == 0 else {}
        value(inside, OWN_KEY, f"[{name}]", Name=name, **more)
    return [COMPONENT, *(_setting(install, name) for name in SETTINGS)]


def _setting(install: Xml.Element, name: str) -> str:
    inside = component(install, setting_component(name), f"registry:setting:{name}")
    key, kept_as = _place(name)
    value(inside, key, f"[{name}]", Name=kept_as, KeyPath="yes")
    return setting_component(name)


def setting_component(name: str) -> str:
    return f"Setting{name}"


def _place(name: str) -> tuple[str, str]:
    """Key and name of the value that keeps it."""
    if name not in SETTINGS:
        return OWN_KEY, name
    section, _, key = SETTINGS[name].partition(".")
    return rf"{OWN_KEY}\Settings\{section}", key


def remembered(name: str) -> str:
    return f"REMEMBERED_{name}"


def queries() -> list[str]:
    found = []
    for name, usual in PROPERTIES.items():
        kept = remembered(name)
        found += _settle(f"Keep{name}", name, f"[{kept}]", f"NOT {name} AND {kept}", _KEPT)
        found += _settle(f"Usual{name}", name, usual, f"NOT {name}", _USUAL) if usual else []
    return found


def _settle(action: str, name: str, text: str, condition: str, number: int) -> list[str]:
    made = sql.insert("CustomAction", Action=action, Type=_SET_PROPERTY, Source=name, Target=text)
    return [made, *(sql.insert(each, Action=action, Condition=condition, Sequence=number) for each in _SEQUENCES)]
