"""The registry's settings as Windows hands them out, under Wine: policy, the installer's word, and their errors."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from bridge.settings.registry import INSTALLER, POLICY, Kind
from installer.policy import files
from tests.desktop import wine
from tests.desktop.registry import settings_with
from tests.desktop.window import System
from tests.policy_editor import Editor, Entry
from tests.policy_samples import samples, typed

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

ORIGINS = [f"https://n{n}.example" for n in range(1, 13)]


@pytest.fixture(autouse=True)
def services(system: System) -> None:
    """Wine's services run before a program's output is read: they would hold the pipe of the one that starts them."""
    command = ["wine", str(wine.PYTHON), "-I", "-c", "pass"]
    nothing = subprocess.DEVNULL
    subprocess.run(command, env=system.env, stdin=nothing, stdout=nothing, stderr=nothing, timeout=60, check=True)


def test_policy_goes_before_what_the_installer_was_told(system: System) -> None:
    found = settings_with(system, [
        Entry(rf"{INSTALLER}\bridge", "language", Kind.REG_SZ, "ja"),
        Entry(rf"{INSTALLER}\origins", "allowed", Kind.REG_SZ, ";".join(ORIGINS[:2])),
        Entry(rf"{INSTALLER}\card", "modules", Kind.REG_SZ, r"C:\Program Files\A\p11.dll;profiles"),
        *(Entry(rf"{POLICY}\origins\allowed", str(n), Kind.REG_SZ, each) for n, each in enumerate(ORIGINS, 1)),
        Entry(rf"{POLICY}\origins", "locked", Kind.REG_DWORD, 1),
    ])  # fmt: skip
    assert found["values"] == {
        "bridge.language": "ja",
        "card.modules": [r"C:\Program Files\A\p11.dll", "profiles"],
        "origins.allowed": ORIGINS,
        "origins.locked": True,
    }
    assert found["sources"]["origins.allowed"] == ["policy", rf"HKLM\{POLICY}"]
    assert found["sources"]["bridge.language"] == ["installer", rf"HKLM\{INSTALLER}"]


def test_without_any_everything_is_as_ever(system: System) -> None:
    assert settings_with(system, []) == {"values": {}, "sources": {}}


def test_a_misspelt_policy_ends_the_start(system: System) -> None:
    found = settings_with(system, [Entry(rf"{POLICY}\origins", "lockd", Kind.REG_DWORD, 1)])
    assert found["en"].startswith(rf"HKLM\{POLICY}: unknown key origins.lockd; known: allowed, ")
    assert found["ja"].startswith(rf"HKLM\{POLICY}: origins.lockd という設定はありません。")


def test_the_machines_file_is_believed_when_administrators_alone_may_change_it(system: System) -> None:
    """Wine shows modes as access lists, and the tests' user as an administrator."""
    file = Path(system.env["WINEPREFIX"]) / "drive_c/ProgramData/card-bridge/config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[pin]\nstop_at = 2\n", encoding="utf-8")
    try:
        file.chmod(0o644)
        assert settings_with(system, [])["values"] == {"pin.stop_at": 2}
        file.chmod(0o666)
        found = settings_with(system, [])
    finally:
        file.unlink()
    assert found["en"].startswith(r"C:\ProgramData\card-bridge\config.toml: others than administrators made this file")


@pytest.mark.parametrize("which", [0, -1])
def test_every_setting_of_the_template_comes_back_from_windows(system: System, tmp_path: Path, which: int) -> None:
    """All policies set at once; `which`: the first or the last of the values that each is tried with."""
    files.write(tmp_path)
    template = Xml.fromstring((tmp_path / "CardBridge.admx").read_bytes())  # noqa: S314  # our own text
    editor, entries = Editor(template), []
    chosen = {key: values[which] for key, values in samples("C:\\カード ブリッジ\\x").items()}
    for key, sample in chosen.items():
        name = key.replace(".", "_", 1)
        entries += editor.disabled(name) if sample is False else editor.enabled(name, {name: typed(key, sample)})
    found = settings_with(system, entries)
    assert found["values"] == {key: list(each) if isinstance(each, tuple) else each for key, each in chosen.items()}
    assert set(map(tuple, found["sources"].values())) == {("policy", rf"HKLM\{POLICY}")}
