"""The .wxs that wixl builds the MSI from: pure, from the list of files to the text.

Written for wixl 0.101: sequence numbers instead of After=, flat RegistryValue (nested keys end in a backslash),
deferred custom actions alone. What it cannot say at all, `package` adds.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final
from xml.etree import ElementTree as Xml

NAME: Final = "Card Bridge"
UPGRADE_CODE: Final = "{7B0B8A62-58C1-4B0E-9D0B-5B4F6E9C1A37}"
"""The product through all its versions: never changes."""
_NAMESPACE: Final = uuid.UUID("0d6c2f5e-3f0d-4c58-9b1c-6a4f2d1e7c90")
_RUN: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
_SCHEMA: Final = "http://schemas.microsoft.com/wix/2006/wi"
PAYLOAD: Final = "payload"
ICON: Final = "card-bridge.ico"
"""Where wixl finds the files and the icon: beside the source, as it takes no absolute path."""
PROPERTIES: Final = {"AUTOSTART": "1", "CERTIFICATES": "1"}
"""What an administrator may set on msiexec's command line, with the values that hold otherwise."""
AUTOSTART: Final = "Autostart"
"""The component that is installed on the property of that name."""
LINK: Final = "Link"
_SCHEME: Final = r"SOFTWARE\Classes\card-bridge"
WINDOW_PROGRAM: Final = "card-bridge.exe"
COMMAND_LINE: Final = "card-bridge-cli.exe"


def source(files: Iterable[str], version: str) -> str:
    """`files`: paths below PAYLOAD, with slashes. `version`: three numbers with dots."""
    wix = Xml.Element("Wix", xmlns=_SCHEMA)
    product = _product(wix, version)
    _settings(product)
    _actions(product)
    root = Xml.SubElement(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    components = [*_programs(root, files), _data_folder(root)]
    feature = Xml.SubElement(product, "Feature", Id="Main", Level="1", Title=NAME)
    for component in components:
        Xml.SubElement(feature, "ComponentRef", Id=component)
    Xml.indent(wix)
    return Xml.tostring(wix, encoding="unicode", xml_declaration=True) + "\n"


def component_id(path: str) -> str:
    return f"c{_digest(path)}"


def guid(name: str) -> str:
    """A component's GUID: the same in every version, so that an upgrade knows the file as the one that it replaces."""
    return "{" + str(uuid.uuid5(_NAMESPACE, name)).upper() + "}"


def _product(wix: Xml.Element, version: str) -> Xml.Element:
    product = Xml.SubElement(
        wix, "Product", Id="*", Name=NAME, Manufacturer=NAME, Version=version, Language="1033", Codepage="1252",
        UpgradeCode=UPGRADE_CODE,
    )  # fmt: skip
    Xml.SubElement(
        product, "Package", Id="*", Description=f"{NAME} {version}", Manufacturer=NAME, InstallerVersion="500",
        Languages="1033", Compressed="yes", SummaryCodepage="1252", InstallScope="perMachine",
    )  # fmt: skip
    Xml.SubElement(product, "Media", Id="1", Cabinet="cab1.cab", EmbedCab="yes")
    Xml.SubElement(product, "MajorUpgrade", DowngradeErrorMessage="A newer version of Card Bridge is installed.")
    condition = Xml.SubElement(product, "Condition", Message="Card Bridge needs 64-bit Windows 10 or later.")
    condition.text = "VersionNT64 AND VersionNT >= 603"  # Windows Installer calls Windows 10 and 11 603 as well
    return product


def _settings(product: Xml.Element) -> None:
    for name, value in PROPERTIES.items():
        Xml.SubElement(product, "Property", Id=name, Value=value)
    Xml.SubElement(product, "Property", Id="ARPPRODUCTICON", Value="CardBridgeIcon.ico")
    Xml.SubElement(product, "Property", Id="ARPNOMODIFY", Value="1")
    Xml.SubElement(product, "Icon", Id="CardBridgeIcon.ico", SourceFile=ICON)


def _actions(product: Xml.Element) -> None:
    """The root goes in when all files stand, and out while they still do. A failure is the installation's failure."""
    sequence = Xml.Element("InstallExecuteSequence")
    for action, command, number, condition in (
        ("RootOut", "certs uninstall --machine", 1502, 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE'),
        ("RootIn", "certs install --machine", 6401, "NOT REMOVE AND CERTIFICATES=1"),
    ):
        Xml.SubElement(
            product, "CustomAction", Id=action, FileKey=_file_id(COMMAND_LINE), ExeCommand=command, Execute="deferred",
            Impersonate="no", Return="check",
        )  # fmt: skip
        Xml.SubElement(sequence, "Custom", Action=action, Sequence=str(number)).text = condition
    product.append(sequence)


def _programs(root: Xml.Element, files: Iterable[str]) -> list[str]:
    programs = Xml.SubElement(root, "Directory", Id="ProgramFiles64Folder")
    folder = Xml.SubElement(programs, "Directory", Id="INSTALLDIR", Name=NAME)
    folders = {".": folder}
    names = [_file(_folder(folders, PurePosixPath(path).parent), path) for path in files]
    return [*names, _autostart(folder), _link(folder)]


def _folder(folders: dict[str, Xml.Element], path: PurePosixPath) -> Xml.Element:
    """The element of a folder, made with those above it when it is met first."""
    name = path.as_posix()
    if name not in folders:
        above = _folder(folders, path.parent)
        folders[name] = Xml.SubElement(above, "Directory", Id=f"d{_digest(name)}", Name=path.name)
    return folders[name]


def _file(folder: Xml.Element, path: str) -> str:
    component = _component(folder, component_id(path), path)
    name, origin = PurePosixPath(path).name, f"{PAYLOAD}/{path}"
    Xml.SubElement(component, "File", Id=_file_id(path), Name=name, Source=origin, DiskId="1", KeyPath="yes")
    return component_id(path)


def _autostart(folder: Xml.Element) -> str:
    command = f'"[#{_file_id(WINDOW_PROGRAM)}]" run'
    component = _component(folder, AUTOSTART, "registry:autostart")
    Xml.SubElement(
        component, "RegistryValue", Root="HKLM", Key=_RUN, Name=NAME, Type="string", Value=command, KeyPath="yes"
    )
    return AUTOSTART


def _link(folder: Xml.Element) -> str:
    """`card-bridge:` links. The command has no %1: what a page writes after the colon is no argument of it."""
    component = _component(folder, LINK, "registry:link")
    command = f'"[#{_file_id(WINDOW_PROGRAM)}]" link open'
    for key, more, value in (
        (_SCHEME, {}, f"URL:{NAME}"),
        (_SCHEME, {"Name": "URL Protocol"}, ""),
        (rf"{_SCHEME}\shell\open\command", {"KeyPath": "yes"}, command),
    ):
        attributes = {"Root": "HKLM", "Key": key, "Type": "string", "Value": value, **more}
        Xml.SubElement(component, "RegistryValue", attributes)
    return LINK


def _data_folder(root: Xml.Element) -> str:
    """The machine's certificates and settings: the folder goes when the program goes, if nothing is left in it."""
    common = Xml.SubElement(root, "Directory", Id="CommonAppDataFolder")
    folder = Xml.SubElement(common, "Directory", Id="DataFolder", Name="card-bridge")
    component = _component(folder, "MachineData", "folder:data")
    Xml.SubElement(component, "RemoveFolder", Id="DataFolder", On="uninstall")
    Xml.SubElement(
        component, "RegistryValue", Root="HKLM", Key=r"SOFTWARE\Card Bridge", Name="DataFolder", Type="string",
        Value="[DataFolder]", KeyPath="yes",
    )  # fmt: skip
    return "MachineData"


def _component(folder: Xml.Element, identifier: str, name: str) -> Xml.Element:
    return Xml.SubElement(folder, "Component", Id=identifier, Guid=guid(name), Win64="yes")


def _file_id(path: str) -> str:
    return f"f{_digest(path)}"


def _digest(path: str) -> str:
    # Identifiers are letters, digits and dots, at most 72 of them: a path is none.
    return hashlib.sha256(path.encode()).hexdigest()[:24]
