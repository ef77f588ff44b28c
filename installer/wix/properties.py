"""What an administrator may set on msiexec's command line."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

PROPERTIES: Final = {"AUTOSTART": "1", "CERTIFICATES": "1"}
"""With the values that hold otherwise."""


def add(product: Xml.Element) -> None:
    for name, value in PROPERTIES.items():
        Xml.SubElement(product, "Property", Id=name, Value=value)
