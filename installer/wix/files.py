"""The program's files, a component each, in the folders that they stand in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from xml.etree import ElementTree as Xml

from installer.wix.names import NAME, PAYLOAD, component, component_id, file_id, folder_id


def folder(root: Xml.Element) -> Xml.Element:
    """Where the program is installed."""
    programs = Xml.SubElement(root, "Directory", Id="ProgramFiles64Folder")
    return Xml.SubElement(programs, "Directory", Id="INSTALLDIR", Name=NAME)


def add(install: Xml.Element, files: Iterable[str]) -> list[str]:
    """The components' identifiers. `files`: paths below PAYLOAD, with slashes."""
    folders = {".": install}
    return [_file(_folder(folders, PurePosixPath(path).parent), path) for path in files]


def _folder(folders: dict[str, Xml.Element], path: PurePosixPath) -> Xml.Element:
    """The element of a folder, made with those above it when it is met first."""
    name = path.as_posix()
    if name not in folders:
        above = _folder(folders, path.parent)
        folders[name] = Xml.SubElement(above, "Directory", Id=folder_id(name), Name=path.name)
    return folders[name]


def _file(place: Xml.Element, path: str) -> str:
    inside = component(place, component_id(path), path)
    name, origin = PurePosixPath(path).name, f"{PAYLOAD}/{path}"
    Xml.SubElement(inside, "File", Id=file_id(path), Name=name, Source=origin, DiskId="1", KeyPath="yes")
    return component_id(path)
