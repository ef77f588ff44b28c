"""The template's files, as Windows' folder PolicyDefinitions has them."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

from installer.policy import adml, admx
from installer.policy.table import sections

LANGUAGES: Final = {"en-US": "en", "ja-JP": "ja"}


def write(folder: Path) -> None:
    """Into the folder, made if need be: CardBridge.admx, and CardBridge.adml below each language's. Raises OSError."""
    table = sections()
    _write(folder / f"{admx.NAME}.admx", admx.template(table))
    for culture, language in LANGUAGES.items():
        _write(folder / culture / f"{admx.NAME}.adml", adml.resources(table, language))


def _write(file: Path, root: Xml.Element) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Xml.indent(root)
    text = Xml.tostring(root, encoding="unicode")
    file.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n', encoding="utf-8")
