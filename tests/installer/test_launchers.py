"""What Windows reads in the launchers before it runs them: icon, version, manifest, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import pefile
import pytest

from installer import launchers
from installer.wix.names import COMMAND_LINE, WINDOW_PROGRAM

SUBSYSTEMS = {WINDOW_PROGRAM: "IMAGE_SUBSYSTEM_WINDOWS_GUI", COMMAND_LINE: "IMAGE_SUBSYSTEM_WINDOWS_CUI"}
HARDENED = ("DYNAMIC_BASE", "HIGH_ENTROPY_VA", "NX_COMPAT")
"""Loaded at a random address, of 64 bits; data is not run."""
ASM = {"one": "urn:schemas-microsoft-com:asm.v1", "three": "urn:schemas-microsoft-com:asm.v3"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("launchers")
    launchers.build("1.2.3", tmp_path_factory.mktemp("scratch"), target)
    return target


@pytest.fixture(params=[WINDOW_PROGRAM, COMMAND_LINE])
def program(request: pytest.FixtureRequest, folder: Path) -> Iterator[pefile.PE]:
    with pefile.PE(str(folder / request.param)) as portable:
        yield portable


def resources(program: pefile.PE, kind: str) -> list[bytes]:
    """Each of a kind, as it stands in the file."""
    entries = [each for each in program.DIRECTORY_ENTRY_RESOURCE.entries if each.id == pefile.RESOURCE_TYPE[kind]]
    leaves = [
        leaf.data.struct for entry in entries for name in entry.directory.entries for leaf in name.directory.entries
    ]
    return [program.get_data(each.OffsetToData, each.Size) for each in leaves]


def test_one_has_a_console_and_the_other_has_not(folder: Path) -> None:
    for name, subsystem in SUBSYSTEMS.items():
        with pefile.PE(str(folder / name)) as portable:
            assert pefile.SUBSYSTEM_TYPE[portable.OPTIONAL_HEADER.Subsystem] == subsystem
            assert all(getattr(portable.OPTIONAL_HEADER, f"IMAGE_DLLCHARACTERISTICS_{each}") for each in HARDENED)


def test_the_version_is_told_as_text_and_as_numbers(program: pefile.PE) -> None:
    (fixed,) = program.VS_FIXEDFILEINFO
    for version in ((fixed.FileVersionMS, fixed.FileVersionLS), (fixed.ProductVersionMS, fixed.ProductVersionLS)):
        assert version == (1 << 16 | 2, 3 << 16)
    (table,) = next(info.StringTable for info in program.FileInfo[0] if info.Key == b"StringFileInfo")
    assert {key.decode(): text.decode() for key, text in table.entries.items()} == {
        "CompanyName": "Card Bridge",
        "FileDescription": "Card Bridge 電子入札カードブリッジ",
        "FileVersion": "1.2.3",
        "ProductName": "Card Bridge",
        "ProductVersion": "1.2.3",
    }
    assert table.LangID == b"041104B0"


def test_the_icon_has_every_size_that_windows_asks_for(program: pefile.PE) -> None:
    (group,) = resources(program, "RT_GROUP_ICON")
    # GRPICONDIR: three numbers of two bytes, then 14 bytes an image that begin with its width, where 0 means 256.
    widths = [group[6 + 14 * each] or 256 for each in range(int.from_bytes(group[4:6], "little"))]
    assert sorted(widths) == sorted(launchers.ICON_SIZES)
    assert len(resources(program, "RT_ICON")) == len(widths)


def test_the_manifest_asks_for_nothing_and_knows_sharp_screens(program: pefile.PE) -> None:
    (text,) = resources(program, "RT_MANIFEST")
    manifest = Xml.fromstring(text)  # noqa: S314  # our own
    level = manifest.find(".//three:requestedExecutionLevel", ASM)
    assert level is not None
    assert level.attrib == {"level": "asInvoker", "uiAccess": "false"}
    assert manifest.findtext(".//{*}dpiAwareness") == "PerMonitorV2,PerMonitor"
    assert manifest.findtext(".//{*}longPathAware") == "true"
    controls = manifest.find(".//one:dependentAssembly/one:assemblyIdentity", ASM)
    assert controls is not None
    assert (controls.get("name"), controls.get("version")) == ("Microsoft.Windows.Common-Controls", "6.0.0.0")
