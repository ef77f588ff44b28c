"""The installer's pure parts: what is laid out, and the source that wixl reads."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from PIL import Image

from bridge.settings import registry
from bridge.settings.values import default_of
from bridge.version import VERSION
from installer import launchers, payload
from installer.wix import actions, additions, names
from installer.wix.properties import PROPERTIES, SETTINGS
from installer.wix.registry import AUTOSTART
from installer.wix.source import source

ROOT = Path(__file__).parents[2]
FILES = ["card-bridge-cli.exe", "card-bridge.exe", "lib/bridge/card/pcsc.py", "lib/bridge/cli.py", "runtime/python.exe"]
DEFERRED, ROLLBACK = 1024, 256
REMOVE_FILES, INSTALL_FILES = 3500, 4000
SEQUENCES = ("InstallUISequence", "InstallExecuteSequence")
W = "{http://schemas.microsoft.com/wix/2006/wi}"


def parsed(files: list[str] = FILES, version: str = "1.2.3") -> Xml.Element:
    return Xml.fromstring(source(files, version))  # noqa: S314  # our own text


def attributes(wix: Xml.Element, element: str, name: str) -> list[str]:
    return [each.attrib[name] for each in wix.iter(W + element)]


def written(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    sources = written(
        tmp_path / "sources", "bridge/cli.py", "bridge/texts.toml", "bridge/__pycache__/cli.cpython-311.pyc",
        "certs/cli.py", "tray/app.py", "portal/cli.py", "client/card-bridge.js", "client/card-bridge.d.ts",
        "client/README.md",
    )  # fmt: skip
    runtime = written(tmp_path / "runtime", "python313.dll", "python313._pth")
    libraries = written(tmp_path / "libraries", "aiohttp/web.py", "aiohttp/__pycache__/web.pyc", "bin/wheel-command")
    programs = written(tmp_path / "programs", "card-bridge.exe")
    payload.stage(payload.Parts(sources, runtime, libraries, programs), tmp_path / "payload")
    return tmp_path / "payload"


def test_what_a_pc_needs_is_laid_out_and_nothing_else(staged: Path) -> None:
    assert payload.files(staged) == [
        "card-bridge.exe", "client/card-bridge.d.ts", "client/card-bridge.js", "lib/aiohttp/web.py",
        "lib/bridge/cli.py", "lib/bridge/texts.toml", "lib/certs/cli.py", "lib/tray/app.py",
        "runtime/python313._pth", "runtime/python313.dll",
    ]  # fmt: skip


def test_python_looks_beside_itself_and_nowhere_else(staged: Path) -> None:
    assert (staged / "runtime/python313._pth").read_bytes() == b"python313.zip\r\n.\r\n..\\lib\r\n"


def test_the_list_of_files_is_one_that_sha256sum_checks(staged: Path, tmp_path: Path) -> None:
    (listing := tmp_path / "listing").write_text(payload.listing(staged), encoding="utf-8")
    check = ["sha256sum", "--check", "--strict", str(listing)]
    assert subprocess.run(check, cwd=staged, capture_output=True, check=False).returncode == 0
    (staged / "lib/bridge/cli.py").write_text("changed", encoding="utf-8")
    assert subprocess.run(check, cwd=staged, capture_output=True, check=False).returncode == 1


def test_every_file_is_installed_once_at_its_place() -> None:
    wix = parsed()
    install = next(each for each in wix.iter(W + "Directory") if each.get("Id") == "INSTALLDIR")
    assert sorted(_placed(install, "")) == FILES
    assert attributes(wix, "ComponentRef", "Id") == [
        *(names.component_id(path) for path in FILES), "Autostart", "Link", "Remembered",
        "SettingALLOWED_ORIGINS", "SettingCARD_MODULES", "SettingLANGUAGE", "FirstStart", "MachineData", "StartMenu",
    ]  # fmt: skip
    assert set(attributes(wix, "ComponentRef", "Id")) == set(attributes(wix, "Component", "Id"))


def _placed(folder: Xml.Element, above: str) -> list[str]:
    """The paths at which a folder's files are installed; each comes from the same path of the payload."""
    found = []
    for file in folder.findall(f"{W}Component/{W}File"):
        found.append(above + file.attrib["Name"])
        assert file.attrib["Source"] == f"payload/{found[-1]}"
    for inner in folder.findall(W + "Directory"):
        found += _placed(inner, f"{above}{inner.attrib['Name']}/")
    return found


def test_a_components_guid_is_the_same_in_every_version() -> None:
    before, after = parsed(), parsed(version="1.3.0", files=["lib/bridge/new.py", *FILES])
    known = set(attributes(before, "Component", "Guid"))
    assert len(known) == len(FILES) + 9
    assert known < set(attributes(after, "Component", "Guid"))
    # Written down: a GUID that changes leaves the file of the version before behind, or takes the new one away with it.
    assert names.guid("lib/bridge/cli.py") == "{228DF2C2-65CC-5765-91B9-88D08B63AB4D}"
    assert attributes(before, "Product", "UpgradeCode") == ["{7B0B8A62-58C1-4B0E-9D0B-5B4F6E9C1A37}"]


def test_a_new_version_replaces_an_older_one_within_one_transaction() -> None:
    assert len(list(parsed().iter(W + "MajorUpgrade"))) == 1
    assert (
        "UPDATE `InstallExecuteSequence` SET `Sequence`=1501 WHERE `Action`='RemoveExistingProducts'"
        in additions.queries()
    )


def test_whatever_can_fail_an_installation_is_undone_when_it_or_a_later_step_fails() -> None:
    by_name = {action.name: action for action in actions.ACTIONS}
    for action in actions.ACTIONS:
        # The rights of Folder do no harm when nothing follows, and Check changes nothing.
        if action.kind == DEFERRED and action.name not in ("Folder", "Check"):
            undo = by_name[f"{action.name}Undo"]
            assert undo.kind & ROLLBACK
            assert undo.number < action.number
            assert undo.condition.startswith(action.condition.partition(" AND ")[0])


def test_an_upgrade_keeps_the_root_and_remembers_whose_bridges_it_ended() -> None:
    by_name = {action.name: action for action in actions.ACTIONS}
    assert by_name["RootOut"].condition == 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE'
    # Earlier ones, too, and those whose files are damaged: none is left behind.
    assert by_name["RootOut"].command == "certs uninstall --machine --all"
    assert by_name["Stop"].command == "installation stop --remember"
    assert by_name["Stop"].number < REMOVE_FILES < INSTALL_FILES < by_name["StartAgain"].number
    # A root that was there before is not this installation's to take out.
    assert by_name["RootInUndo"].condition.endswith('NOT REMEMBERED_CERTS="MACHINE"')


def test_the_start_menu_starts_what_does_not_run_yet() -> None:
    (entry,) = parsed().iter(W + "Shortcut")
    program = names.file_id("card-bridge.exe")
    assert (entry.attrib["Target"], entry.attrib["Arguments"]) == (f"[#{program}]", "run --show-running")


def test_autostart_runs_the_program_by_its_quoted_path() -> None:
    wix = parsed()
    program = next(each.attrib["Id"] for each in wix.iter(W + "File") if each.attrib["Name"] == "card-bridge.exe")
    values = {each.get("Name"): each.attrib["Value"] for each in wix.iter(W + "RegistryValue")}
    assert values["Card Bridge"] == f'"[#{program}]" run --unless-running'


def test_a_links_handler_runs_the_program_and_has_no_place_for_what_the_page_wrote() -> None:
    wix = parsed()
    program = next(each.attrib["Id"] for each in wix.iter(W + "File") if each.attrib["Name"] == "card-bridge.exe")
    component = next(each for each in wix.iter(W + "Component") if each.attrib["Id"] == "Link")
    scheme = r"SOFTWARE\Classes\card-bridge"
    assert [(each.get("Key"), each.get("Name"), each.get("Value")) for each in component] == [
        (scheme, None, "URL:Card Bridge"),
        (scheme, "URL Protocol", ""),
        (rf"{scheme}\shell\open\command", None, f'"[#{program}]" link open'),
    ]


def test_an_administrators_properties_reach_the_elevated_half() -> None:
    secure, component, *_ = additions.queries()
    searched = {f"REMEMBERED_{name}" for name in PROPERTIES} | {"MACHINE_GUID"}
    assert {*PROPERTIES, *searched} < set(secure.split("'")[1].split(";"))
    assert component.endswith(f"SET `Condition`='AUTOSTART=1' WHERE `Component`='{AUTOSTART}'")


def test_what_the_command_line_does_not_name_is_as_it_was_and_else_as_usual() -> None:
    wix, queries = parsed(), additions.queries()
    written = {
        each.attrib["Value"]: (each.attrib["Key"], each.get("Name", "")) for each in wix.iter(W + "RegistryValue")
    }
    for name in PROPERTIES:
        [search] = [each for each in wix.iter(W + "RegistrySearch") if each.attrib["Id"] == f"SearchREMEMBERED_{name}"]
        assert written[f"[{name}]"] == (search.attrib["Key"], search.attrib["Name"])
    first = [query for query in queries if "'KeepAUTOSTART'" in query]
    then = [query for query in queries if "'UsualAUTOSTART'" in query]
    assert first[0].endswith("VALUES ('KeepAUTOSTART',51,'AUTOSTART','[REMEMBERED_AUTOSTART]')")
    assert then[0].endswith("VALUES ('UsualAUTOSTART',51,'AUTOSTART','1')")
    for sequence, keep, usual in zip(SEQUENCES, first[1:], then[1:], strict=True):
        assert keep.startswith(f"INSERT INTO `{sequence}`")
        assert keep.endswith("VALUES ('KeepAUTOSTART','NOT AUTOSTART AND REMEMBERED_AUTOSTART',60)")
        assert usual.startswith(f"INSERT INTO `{sequence}`")
        assert usual.endswith("VALUES ('UsualAUTOSTART','NOT AUTOSTART',61)")


def test_what_was_told_for_the_bridge_stands_where_its_settings_are_read() -> None:
    own = {each.attrib["Value"]: each for each in parsed().iter(W + "RegistryValue")}
    for name, setting in SETTINGS.items():
        section, key = setting.split(".")
        assert default_of("", section, key) is not None
        value = own[f"[{name}]"]
        assert (value.attrib["Key"], value.attrib["Name"]) == (rf"{registry.INSTALLER}\{section}", key)
        # What nobody told must not stand above a person's own file.
        assert additions.CONDITIONS[f"Setting{name}"] == name


def test_no_property_is_part_of_a_command_line() -> None:
    assert [action.command for action in actions.ACTIONS if "[" in action.command] == []


def test_conditions_ask_for_properties_that_exist() -> None:
    """Windows Installer takes one that does not for empty, and says nothing."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "installer/wix").rglob("*.py")]
    asked = {name for text in sources for name in re.findall(r'\b([A-Z][A-Z_]{3,})=(?:\\?"[A-Za-z]|\d)', text)}
    assert {"AUTOSTART", "CERTS", "BROWSER_POLICY", "REMOVE"} <= asked
    assert asked <= {*PROPERTIES, "REMOVE"}


def test_browsers_policies_are_left_alone_unless_an_administrator_said_so() -> None:
    touching = [each for each in actions.ACTIONS if "browsers" in each.command]
    assert len(touching) == 4
    for action in touching:
        assert action.condition.endswith(" AND (BROWSER_POLICY=1 OR REMEMBERED_BROWSER_POLICY=1)")
    assert PROPERTIES["BROWSER_POLICY"] == "0"


def test_a_first_start_is_prepared_for_images_alone() -> None:
    assert additions.CONDITIONS["FirstStart"] == 'CERTS="FIRSTBOOT"'
    [root] = [action for action in actions.ACTIONS if action.name == "RootIn"]
    assert root.condition == 'NOT REMOVE AND CERTS="MACHINE"'


def test_the_programs_carry_the_version_and_the_trays_icon(tmp_path: Path) -> None:
    assert "#define VERSION_NUMBERS 1,2,3,0\n" in launchers.header("1.2.3")
    launchers.draw_icon(tmp_path / "icon.ico")
    with Image.open(tmp_path / "icon.ico") as icon:
        assert icon.info["sizes"] == {(size, size) for size in launchers.ICON_SIZES}


def test_our_version_is_one_that_windows_installer_can_order() -> None:
    assert re.fullmatch(r"\d{1,3}\.\d{1,3}\.\d{1,5}", VERSION)  # ProductVersion: at most 255.255.65535


def test_the_libraries_for_windows_are_those_of_the_other_systems() -> None:
    everywhere, windows = (_pinned(ROOT / f"requirements/{name}.lock") for name in ("demo", "windows-run"))
    assert "psutil" in windows
    assert "jeepney" not in windows
    assert windows.items() <= everywhere.items()
    assert ";" not in (ROOT / "requirements/windows-run.lock").read_text(encoding="utf-8")


def _pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==([\w.]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
