"""The .wxs: from the list of files to the text, each part by its own room."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from installer.wix import data_folder, files, first_start, product, properties, registry
from installer.wix.names import NAME, SCHEMA


def source(paths: Iterable[str], version: str) -> str:
    """`paths`: of files below PAYLOAD, with slashes. `version`: three numbers with dots."""
    wix = Xml.Element("Wix", xmlns=SCHEMA)
    whole = product.add(wix, version)
    properties.add(whole)
    root = Xml.SubElement(whole, "Directory", Id="TARGETDIR", Name="SourceDir")
    install = files.folder(root)
    components = [
        *files.add(install, paths),
        *registry.add(install),
        *properties.add_memory(install),
        first_start.add(whole, install),
        data_folder.add(root),
        registry.add_start_menu(root),
    ]
    feature = Xml.SubElement(whole, "Feature", Id="Main", Level="1", Title=NAME)
    for component in components:
        Xml.SubElement(feature, "ComponentRef", Id=component)
    Xml.indent(wix)
    return Xml.tostring(wix, encoding="unicode", xml_declaration=True) + "\n"
