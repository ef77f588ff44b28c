"""`card-bridge` in a terminal, as a person or a help desk types it."""

from __future__ import annotations

import _ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.card.practice import card as practice
from bridge.card.practice import pki as practice_pki
from bridge.card.profiles.recognition import SHIPPED
from bridge.version import VERSION

COMMANDS = (
    "run",
    "setup",
    "demo",
    "cards",
    "doctor",
    "origins",
    "audit",
    "certs",
    "link",
    "portal",
    "choices",
    "practice",
    "sign",
    "verify",
)


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-X", "utf8", "-m", "bridge.cli", *arguments]
    env = {**os.environ, **environment}
    return subprocess.run(whole, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=env)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings with the practice card in its reader, everything in a folder of the test's."""
    practice_pki.ensure(tmp_path / "card" / "practice", datetime.now(UTC))
    file = tmp_path / "bridge.toml"
    file.write_text(
        f'[bridge]\nlanguage = "en"\n[card]\npractice = true\nmodules = []\n'
        f"directory = {json.dumps(str(tmp_path / 'card'))}\n"
        f"[log]\ndirectory = {json.dumps(str(tmp_path / 'log'))}\n"
        f"[audit]\ndirectory = {json.dumps(str(tmp_path / 'audit'))}\n",
        encoding="utf-8",
    )
    return file


def test_version() -> None:
    done = command("--version")
    assert (done.returncode, done.stdout) == (0, f"card-bridge {VERSION}\n")


def test_help_names_every_command_and_each_explains_itself() -> None:
    overview = command("--help").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in overview
        told = command(name, "--help")
        assert told.returncode == 0
        # More than argparse's own usage lines: at least one sentence of ours.
        assert any(line[:1].isalpha() or ord(line[:1] or "a") > 0x3000 for line in told.stdout.splitlines()[2:]), told


def test_an_unknown_command_is_refused_with_the_overview() -> None:
    done = command("sing")
    assert done.returncode == 2
    assert done.stderr.startswith("card-bridge: unknown command 'sing'\nusage: ")


def test_cards_lists_the_card_without_a_try(config: Path) -> None:
    done = command("cards", "--config", str(config), "--json")
    assert done.returncode == 0, done.stderr
    (token,) = json.loads(done.stdout)
    assert (token["profile"], token["tries"]["count"]) == ("practice", 3)
    assert token["certificates"][0]["serial"] == "121"
    assert practice.read(config.parent / "card" / "practice").tries_left == 3
    assert "serial 121  issuer OU=CoreCA,O=eJapan2 Tech Center,C=JP" in command("cards", "--config", str(config)).stdout


def checks(config: Path) -> dict[str, Any]:
    return {line["check"]: line for line in json.loads(command("doctor", "--config", str(config), "--json").stdout)}


def test_doctor_tells_reader_and_card(config: Path) -> None:
    found = checks(config)
    assert found["card"]["ok"] is True
    assert "pin.window" not in found
    command("practice", "remove", "--config", str(config))
    assert checks(config)["card"]["ok"] is False


def test_doctor_says_when_the_pin_window_is_replaced(config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + '[pin]\nwindow = ["/opt/other/window"]\n', encoding="utf-8")
    line = checks(config)["pin.window"]
    assert line["ok"] is False
    assert "/opt/other/window" in line["text"]["ja"]
    assert str(config) in line["text"]["en"]


def test_doctor_says_when_the_consent_window_is_replaced(config: Path) -> None:
    config.write_text(
        config.read_text(encoding="utf-8") + '[origins]\nwindow = ["/opt/other/window"]\n', encoding="utf-8"
    )
    line = checks(config)["origins.window"]
    assert line["ok"] is False
    assert "/opt/other/window" in line["text"]["ja"]
    assert str(config) in line["text"]["en"]


def test_doctor_says_when_the_card_host_is_replaced(config: Path) -> None:
    with_cards(config, 'host = ["/opt/other/host", "--quiet"]', "modules = []", "practice = true")
    line = checks(config)["card.host"]
    assert (line["ok"], line["text"]["en"]) == (False, f"the card host is replaced by /opt/other/host ({config})")


def test_the_doctor_says_where_each_value_came_from_and_not_what_it_is(config: Path) -> None:
    text = command("doctor", "--config", str(config)).stdout
    assert f"OK  setting card.practice: --config ({config})\n" in text
    lines = json.loads(command("doctor", "--config", str(config), "--json").stdout)
    found = {line.pop("key"): line for line in lines if line["check"] == "setting"}
    assert sorted(found) == [
        "audit.directory",
        "bridge.language",
        "card.directory",
        "card.modules",
        "card.practice",
        "log.directory",
    ]
    assert found["card.modules"] == {
        "check": "setting", "ok": True, "layer": "config", "place": str(config),
        "text": {"ja": f"設定 card.modules: --config（{config}）", "en": f"setting card.modules: --config ({config})"},
    }  # fmt: skip


def test_a_settings_file_that_cannot_be_used_is_named(config: Path) -> None:
    config.write_text("[card]\nmodule = []\n", encoding="utf-8")
    for language, said in (
        ("en_GB.UTF-8", f"unknown key card.module; known: {_known()}"),
        ("ja_JP.UTF-8", f"card.module という設定はありません。使えるもの: {_known()}"),
    ):
        done = command("cards", "--config", str(config), LC_ALL=language)
        assert (done.returncode, done.stderr) == (2, f"card-bridge: {config}: {said}\n")


def _known() -> str:
    from bridge.settings import CardSettings

    return ", ".join(CardSettings._fields)


def with_cards(config: Path, *lines: str) -> None:
    text = config.read_text(encoding="utf-8").replace("practice = true\nmodules = []\n", "\n".join((*lines, "")))
    config.write_text(text, encoding="utf-8")


def test_doctor_names_each_library_and_the_cards_that_it_is_for(config: Path, tmp_path: Path) -> None:
    folder, library = tmp_path / "profiles", tmp_path / "card.so"
    folder.mkdir()
    shutil.copy(_ctypes.__file__, library)
    text = (
        (SHIPPED / "tdb-typea.toml").read_text(encoding="utf-8").replace('linux = "unknown"', f'linux = ["{library}"]')
    )
    (folder / "house.toml").write_text(text, encoding="utf-8")
    absent = tmp_path / "absent.so"
    with_cards(config, f'modules = ["{absent}", "profiles"]', f'profiles = "{folder}"')
    lines = json.loads(command("doctor", "--config", str(config), "--json").stdout)
    said = {line["text"]["en"]: line["ok"] for line in lines if line["check"] in ("module", "profile")}
    assert said[f"card library {absent}: not found; install the certification authority's software"] is False
    assert said[f"card library {library} (TDB TypeA card (Teikoku Databank))"] is True
    assert said["card profile house"] is True


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"bad.toml": "[label]\n"}, "unusable card profile: {folder}/bad.toml: missing 'pin'"),
        ({"house.toml": "[[match]]\n"}, "card profile house: has no [[match]] and describes no card"),
        ({"one.toml": "", "two.toml": ""}, "card profile one: fits the same cards as two: neither is used"),
    ],
    ids=["unusable", "fits nothing", "fits what another fits"],
)
def test_doctor_tells_what_is_wrong_with_an_administrators_profile(
    config: Path, tmp_path: Path, texts: dict[str, str], said: str
) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    sound = (SHIPPED / "aosign.toml").read_text(encoding="utf-8")
    for name, text in texts.items():
        whole = sound.replace('[[match]]\nissuer = "*AOSign*"\n', "") if text == "[[match]]\n" else text or sound
        (folder / name).write_text(whole, encoding="utf-8")
    with_cards(config, "modules = []", "practice = true", f'profiles = "{folder}"')
    done = command("doctor", "--config", str(config))
    assert done.returncode == 1
    assert f"NG  {said.format(folder=folder)}" in done.stdout
    assert "card host" not in done.stdout  # one cause, one line


@pytest.mark.parametrize("name", ["cards", "run"])
def test_an_unusable_profile_is_said_before_any_card_is_asked(config: Path, tmp_path: Path, name: str) -> None:
    with_cards(config, "modules = []", "practice = true", f'profiles = "{tmp_path / "absent"}"')
    done = command(name, "--config", str(config))
    assert (done.returncode, done.stderr) == (2, f"card-bridge: {tmp_path / 'absent'}: no such folder\n")


def test_doctor_says_when_there_is_no_library(config: Path) -> None:
    with_cards(config, "modules = []", "practice = false")
    line = checks(config)["modules"]
    assert line["ok"] is False
    assert "card.modules" in line["text"]["ja"]


def test_a_port_that_another_program_took_is_named_at_start_and_by_the_doctor(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        text = config.read_text(encoding="utf-8").replace("[bridge]\n", f"[bridge]\nport = {port}\n")
        tls = json.dumps(str(config.parent / "tls"))
        config.write_text(f"{text}[tls]\ndirectory = {tls}\n[origins]\ngrants = {tls}\n", encoding="utf-8")
        done = command("run", "--no-tray", "--config", str(config))
        assert (done.returncode, done.stderr) == (
            3,
            f"card-bridge: ports {port} to {port} are taken; see 'card-bridge doctor'\n",
        )
        lines = json.loads(command("doctor", "--json", "--config", str(config)).stdout)
    assert [line["ok"] for line in lines if line["check"] == "port"] == [False]
