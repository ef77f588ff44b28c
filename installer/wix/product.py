"""The product as Windows lists it, and which Windows it needs."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from installer.wix.names import ICON, NAME, PROGRAM_ICON, UPGRADE_CODE
from installer.wix.ui import dialogs, texts


def add(wix: Xml.Element, version: str) -> Xml.Element:
    """The element that everything else stands in. `version`: three numbers with dots."""
    product = Xml.SubElement(
        wix, "Product", Id="*", Name=NAME, Manufacturer=NAME, Version=version, Language="1033", Codepage="1252",
        UpgradeCode=UPGRADE_CODE,
    )  # fmt: skip
    Xml.SubElement(
        product, "Package", Id="*", Description=f"{NAME} {version}", Manufacturer=NAME, InstallerVersion="500",
        Languages="1033", Compressed="yes", SummaryCodepage="1252", InstallScope="perMachine",
    )  # fmt: skip
    Xml.SubElement(product, "Media", Id="1", Cabinet="cab1.cab", EmbedCab="yes")
    Xml.SubElement(product, "MajorUpgrade", DowngradeErrorMessage=texts.said("newer"))
    condition = Xml.SubElement(product, "Condition", Message=texts.said("too_old"))
    condition.text = "VersionNT64 AND VersionNT >= 603"  # Windows Installer calls Windows 10 and 11 603 as well
    Xml.SubElement(product, "Binary", Id=dialogs.ICON, SourceFile=ICON)
    # Ours ends what runs, in all sessions; Windows' own would ask about one, and sees no others.
    Xml.SubElement(product, "Property", Id="MSIRESTARTMANAGERCONTROL", Value="Disable")
    _add_entry(product)
    return product


def _add_entry(product: Xml.Element) -> None:
    """In the list of installed programs."""
    Xml.SubElement(product, "Property", Id="ARPPRODUCTICON", Value=PROGRAM_ICON)
    Xml.SubElement(product, "Property", Id="ARPNOMODIFY", Value="1")
    Xml.SubElement(product, "Icon", Id=PROGRAM_ICON, SourceFile=ICON)
