"""Whose file the machine's settings may be in Windows. Real descriptors are met under Wine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge import settings
from bridge.settings import SettingsError, custody, places

OWN, OTHER = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002"
INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
USUAL = "(A;ID;FA;;;SY)(A;ID;FA;;;BA)"
READABLE = "(A;ID;0x1200a9;;;BU)"


@pytest.mark.parametrize("owner", ["BA", "SY", "LA", INSTALLER])
def test_what_an_administrator_made_below_programdata_is_believed(owner: str) -> None:
    for flags in ("", "AI", "PAI"):
        assert custody.kept_by_administrators(f"O:{owner}G:SYD:{flags}{USUAL}{READABLE}")


def test_another_persons_file_is_not_and_ones_own_is_with_an_administrators_rights_alone() -> None:
    descriptor = f"O:{OWN}G:SYD:AI{USUAL}(A;ID;FA;;;{OWN}){READABLE}"
    assert not custody.kept_by_administrators(descriptor, None)
    assert not custody.kept_by_administrators(descriptor, OTHER)
    assert custody.kept_by_administrators(descriptor, OWN)


@pytest.mark.parametrize(
    "entry",
    [
        "(A;ID;FA;;;BU)", "(A;ID;0x1301bf;;;BU)", "(A;;FW;;;WD)", "(A;;GA;;;AU)", "(A;;DC;;;BU)", "(A;;SD;;;BU)",
        "(A;;WD;;;BU)", "(A;;WO;;;BU)", "(A;;0x100000000;;;BU)", "(A;;QQ;;;BU)", "(A;;FRQ;;;BU)",
        f"(A;OICI;FA;;;{OTHER})", "(XA;;FX FW;;;WD;(Exists a))", "(A;;0x2;;;BU)",
    ],
)  # fmt: skip
def test_each_way_for_others_to_change_it_counts(entry: str) -> None:
    assert not custody.kept_by_administrators(f"O:BAG:SYD:AI{USUAL}{READABLE}{entry}")


@pytest.mark.parametrize(
    "entry", ["(A;;FR;;;BU)", "(A;;FX;;;WD)", "(A;;GRGX;;;WD)", "(A;OICIIO;GA;;;CO)", "(D;;FA;;;BG)"]
)
def test_reading_running_and_what_is_for_files_inside_do_not(entry: str) -> None:
    assert custody.kept_by_administrators(f"O:BAG:SYD:AI{USUAL}{entry}")


@pytest.mark.parametrize(
    "descriptor",
    ["", "O:BA", "O:BAD:", "O:BAG:SYD:NO_ACCESS_CONTROL", f"O:BAG:SYD:{USUAL} ", f"G:SYD:{USUAL}", "D:", "O:BAD:P"],
)
def test_without_owner_or_list_nobody_keeps_it(descriptor: str) -> None:
    assert not custody.kept_by_administrators(descriptor)


def test_a_file_that_is_not_kept_ends_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = tmp_path / "machine.toml"
    machine.write_text("[pin]\nwindow = ['/tmp/window']\n", encoding="utf-8")
    monkeypatch.setattr(places, "user_file", lambda: tmp_path / "user.toml")
    monkeypatch.setattr(places, "machine_file", lambda: machine)
    monkeypatch.setattr(custody, "is_administrators", lambda _: False)
    with pytest.raises(SettingsError, match="others than administrators") as caught:
        settings.load()
    assert str(machine) in caught.value.text("ja")


USUAL_FOLDER = "O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)"


def test_a_folder_where_users_may_add_files_keeps_an_administrators_file() -> None:
    """What Windows gives a folder that an administrator makes in ProgramData."""
    adding = f"{USUAL_FOLDER}(A;CIID;DCLCRPCR;;;BU)"
    assert custody.kept_by_administrators(adding, harmless=custody.ADDING)
    assert not custody.kept_by_administrators(adding)


@pytest.mark.parametrize("right", ["DT", "SD", "WD", "WO", "0x40", "FA", "GA"])
def test_nor_one_where_they_may_exchange_it(right: str) -> None:
    assert not custody.kept_by_administrators(f"{USUAL_FOLDER}(A;CI;{right};;;BU)", harmless=custody.ADDING)


@pytest.fixture(params=["machine_file", "policy_file"])
def shared(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file for all users, this test's user being the administrator."""
    file = tmp_path / "etc/settings.toml"
    file.parent.mkdir()
    file.write_text("[pin]\nstop_at = 2\n", encoding="utf-8")
    file.parent.chmod(0o755)
    file.chmod(0o644)
    for name in ("machine_file", "policy_file", "user_file"):
        place = file if name == request.param else tmp_path / "none"
        monkeypatch.setattr(places, name, lambda place=place: place)
    monkeypatch.setattr(custody, "OWNERS", {os.geteuid()})
    return file


def test_elsewhere_roots_file_is_believed(shared: Path) -> None:
    assert settings.load().pin.stop_at == 2


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_elsewhere_a_file_that_others_can_write_is_not(shared: Path, mode: int) -> None:
    shared.chmod(mode)
    with pytest.raises(SettingsError, match="others than administrators"):
        settings.load()


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_elsewhere_a_folder_where_others_can_exchange_it_ends_the_start(shared: Path, mode: int) -> None:
    shared.parent.chmod(mode)
    with pytest.raises(SettingsError, match="others than administrators"):
        settings.load()


def test_elsewhere_somebody_elses_file_ends_the_start(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custody, "OWNERS", {os.geteuid() + 1})
    with pytest.raises(SettingsError, match="others than administrators"):
        settings.load()
    monkeypatch.undo()
    assert frozenset({0}) == custody.OWNERS
