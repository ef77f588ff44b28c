"""`card-bridge` in a terminal, as a person or a help desk types it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.card.practice import card as practice
from bridge.card.practice import pki as practice_pki
from bridge.version import VERSION

COMMANDS = ("run", "demo", "cards", "doctor", "certs", "portal", "practice")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-X", "utf8", "-m", "bridge.cli", *arguments]
    return subprocess.run(whole, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings with the practice card in its reader, everything in a folder of the test's."""
    practice_pki.ensure(tmp_path / "card" / "practice", datetime.now(UTC))
    file = tmp_path / "bridge.toml"
    file.write_text(
        f'[bridge]\nlanguage = "en"\n[card]\npractice = true\ndirectory = {json.dumps(str(tmp_path / "card"))}\n'
        f"[log]\ndirectory = {json.dumps(str(tmp_path / 'log'))}\n",
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


def test_a_settings_file_that_cannot_be_used_is_named(config: Path) -> None:
    config.write_text("[card]\nmodule = []\n", encoding="utf-8")
    done = command("cards", "--config", str(config))
    assert done.returncode == 2
    assert done.stderr == f"card-bridge: {config}: unknown key card.module; known: {_known()}\n"


def _known() -> str:
    from bridge.settings import CardSettings

    return ", ".join(CardSettings._fields)
