"""Settings files: what each may say, which one wins, and that what decides over PINs never comes from a user's file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge import settings
from bridge.settings import MACHINE_ONLY, LayerName, Settings, SettingsError, Source, custody, places

VALUES = {
    "card.modules": '[card]\nmodules = ["/opt/vendor/p11.so"]\n',
    "card.host": '[card]\nhost = ["/opt/other/host"]\n',
    "card.profiles": '[card]\nprofiles = "/etc/card-bridge/profiles"\n',
    "pin.window": '[pin]\nwindow = ["/opt/other/window"]\n',
    "origins.silent": '[origins]\nsilent = ["https://portal.example"]\n',
    "origins.raw": '[origins]\nraw = ["https://portal.example"]\n',
    "origins.locked": "[origins]\nlocked = true\n",
    "timestamps.url": '[timestamps]\nurl = "https://tsa.example"\n',
    "timestamps.trust": '[timestamps]\ntrust = "/etc/card-bridge/tsa"\n',
    "timestamps.policy": '[timestamps]\npolicy = "1.2.392.200091.1"\n',
    "timestamps.proxy": '[timestamps]\nproxy = "http://proxy.example:8080"\n',
    "origins.window": '[origins]\nwindow = ["/opt/other/window"]\n',
}


class Files:
    """The settings files of all layers, in a folder of the test's."""

    def __init__(self, root: Path) -> None:
        self.policy, self.machine, self.user = root / "policy.toml", root / "machine.toml", root / "user.toml"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    made = Files(tmp_path)
    monkeypatch.setattr(custody, "OWNERS", {os.geteuid()})
    monkeypatch.setattr(places, "policy_file", lambda: made.policy)
    monkeypatch.setattr(places, "machine_file", lambda: made.machine)
    monkeypatch.setattr(places, "user_file", lambda: made.user)
    return made


def value(loaded: Settings, key: str) -> object:
    section, name = key.split(".")
    return getattr(getattr(loaded, section), name)


def test_without_files_everything_has_a_default(files: Files) -> None:
    assert settings.load() == Settings()


def test_the_machines_file_wins_over_the_users(files: Files) -> None:
    files.user.write_text('[bridge]\nport = 22490\nlanguage = "en"\n', encoding="utf-8")
    files.machine.write_text("[bridge]\nport = 22480\n", encoding="utf-8")
    loaded = settings.load()
    assert loaded.bridge == settings.BridgeSettings(22480, "en")
    assert loaded.source("bridge.port") == str(files.machine)
    assert loaded.source("bridge.language") == str(files.user)
    assert loaded.source("pin.stop_at") == "default"


def test_a_list_that_the_machine_fixes_is_the_machines_alone(files: Files) -> None:
    files.user.write_text(
        '[origins]\nallowed = ["https://own.example"]\ndevelopment = true\n[bridge]\nlanguage = "en"\n',
        encoding="utf-8",
    )
    files.machine.write_text("[origins]\nlocked = true\n", encoding="utf-8")
    loaded = settings.load()
    assert loaded.origins == settings.OriginSettings(locked=True)
    assert loaded.bridge.language == "en"
    files.machine.write_text('[origins]\nlocked = true\nallowed = ["https://a.example"]\n', encoding="utf-8")
    assert settings.load().origins.allowed == ("https://a.example",)


def test_config_replaces_both(files: Files, tmp_path: Path) -> None:
    files.user.write_text('[bridge]\nlanguage = "en"\n', encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text("[pin]\nstop_at = 2\n", encoding="utf-8")
    assert settings.load(own) == Settings(
        pin=settings.PinSettings(stop_at=2), sources=(("pin.stop_at", Source(LayerName.CONFIG, str(own))),)
    )


def test_every_key_that_decides_over_pins_is_known_here() -> None:
    assert set(VALUES) == MACHINE_ONLY


@pytest.mark.parametrize("key", sorted(VALUES))
def test_a_users_file_cannot_decide_over_pins(files: Files, key: str) -> None:
    files.user.write_text(VALUES[key], encoding="utf-8")
    with pytest.raises(SettingsError, match=f"{key} may stand in a policy, the machine file or --config only"):
        settings.load()


@pytest.mark.parametrize("key", sorted(VALUES))
def test_the_machines_file_can(files: Files, key: str) -> None:
    files.machine.write_text(VALUES[key], encoding="utf-8")
    assert value(settings.load(), key) != value(Settings(), key)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[bridge]\nprot = 1\n", "unknown key bridge.prot; known: port, language"),
        ("[brigde]\nport = 1\n", r"unknown section \[brigde\]"),
        ("port = 1\n", r"unknown section \[port\]"),
        ('[bridge]\nport = "22480"\n', "bridge.port must be an integer"),
        ("[bridge]\nport = true\n", "bridge.port must be an integer"),
        ('[timestamps]\nurl = "ftp://tsa.example"\n', "timestamps.url must be an http or https URL"),
        ('[timestamps]\nurl = "https://me:pin@tsa.example"\n', "timestamps.url must be an http or https URL"),
        ('[timestamps]\nurl = "https://tsa.example:x/"\n', "timestamps.url must be an http or https URL"),
        ('[timestamps]\nurl = "https:///tsr"\n', "timestamps.url must be an http or https URL"),
        ('[timestamps]\ntrust = "tsa.pem"\n', "timestamps.trust must be the full path"),
        ('[timestamps]\npolicy = "1.02.3"\n', "timestamps.policy must be an object identifier"),
        ('[timestamps]\nproxy = "https://proxy.example"\n', "timestamps.proxy must be a URL"),
        ("[timestamps]\nseconds = 4\n", "timestamps.seconds must be from 5 to 120"),
        ("[bridge]\nport = 80\n", "bridge.port must be 0 or from 1024 to 65535"),
        ('[origins]\nallowed = ["https://a.example/"]\n', "origins.allowed must be a list of origins"),
        ('[origins]\nallowed = ["https://*.example"]\n', "origins.allowed must be a list of origins"),
        ('[origins]\nallowed = ["https://A.example"]\n', "origins.allowed must be a list of origins"),
        ('[origins]\nexpired = ["https://a.example:443"]\n', "origins.expired must be a list of origins"),
        ('[origins]\nallowed = ["http://a.example"]\n', "origins.allowed must be a list of origins"),
        ('[origins]\nallowed = "https://a.example"\n', "origins.allowed must be a list of strings"),
        ('[card]\nmodules = ["p11.so"]\n', "card.modules must be a list of full paths"),
        ('[card]\nhost = ["host"]\n', "card.host must be the full path of a program, and its arguments"),
        ('[card]\nprofiles = "profiles"\n', "card.profiles must be the full path of a folder"),
        ("[pin]\nstop_at = 0\n", "pin.stop_at must be from 1 to 9"),
        ("[pin]\nwindow_seconds = 5\n", "pin.window_seconds must be from 30 to 600"),
        ("[pin\n", "Expected"),
    ],
)
def test_what_cannot_be_used_is_named(files: Files, text: str, reason: str) -> None:
    files.machine.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=reason) as caught:
        settings.load()
    assert str(files.machine) in str(caught.value)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        settings.load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("chosen", "system", "spoken"),
    [
        ("ja", "en_US.UTF-8", "ja"),
        ("en", "ja_JP.UTF-8", "en"),
        ("auto", "ja_JP.UTF-8", "ja"),
        ("auto", "en_GB.UTF-8", "en"),
        ("auto", "C.UTF-8", "ja"),
        ("auto", "", "ja"),
    ],
)
def test_japanese_unless_the_system_speaks_another_language(chosen: str, system: str, spoken: str) -> None:
    loaded = Settings(bridge=settings.BridgeSettings(language=chosen))
    assert settings.language(loaded, system) == spoken
