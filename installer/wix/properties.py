"""What an administrator may set on msiexec's command line, and how a later version knows it again.

What was set is kept in the machine's registry. A property that the command line does not name takes the value that was
kept, and without one its usual value: an upgrade, a repair and a change by hand find things as they were decided.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

from installer.wix import sql
from installer.wix.names import component
from installer.wix.registry import OWN_KEY, value

PROPERTIES: Final = {"AUTOSTART": "1", "CERTIFICATES": "1"}
"""With the values that hold otherwise."""
COMPONENT: Final = "Remembered"
_SET_PROPERTY: Final = 51
"""A custom action's type: the property of its source becomes the text of its target."""
_SEQUENCES: Final = ("InstallUISequence", "InstallExecuteSequence")
_KEPT, _USUAL = 60, 61
"""After AppSearch, which reads the registry at 50, and before LaunchConditions at 100."""


def add(product: Xml.Element) -> None:
    for name in PROPERTIES:
        kept = Xml.SubElement(product, "Property", Id=remembered(name))
        Xml.SubElement(
            kept, "RegistrySearch", Id=f"Search{name}", Root="HKLM", Key=OWN_KEY, Name=name, Type="raw", Win64="yes"
        )  # fmt: skip


def add_memory(install: Xml.Element) -> str:
    """The component that keeps them."""
    inside = component(install, COMPONENT, "registry:remembered")
    for number, name in enumerate(PROPERTIES):
        more = {"KeyPath": "yes"} if number == 0 else {}
        value(inside, OWN_KEY, f"[{name}]", Name=name, **more)
    return COMPONENT


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
