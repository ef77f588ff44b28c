"""`card-bridge audit` in a terminal, in both languages, whether a bridge runs or not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flow.test_commands import checks, command, config
from tests.unit.audit_world import World

__all__ = ["config"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def world(config: Path) -> World:
    return World(config.parent / "audit")


@pytest.fixture
def audit(config: Path) -> Run:
    def run(*words: str, language: str = "en") -> subprocess.CompletedProcess[str]:
        text = config.read_text(encoding="utf-8").replace('language = "ja"', 'language = "en"')
        config.write_text(text.replace('language = "en"', f'language = "{language}"'), encoding="utf-8")
        return command("audit", "--config", str(config), *words)

    return run


def test_a_whole_record(world: World, audit: Run) -> None:
    world.sign(3)
    done = audit("verify")
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0,
        "Lines 1 to 4: nothing was changed, nothing is missing.",
    )
    assert audit("verify", language="ja").stdout.startswith("1行目から4行目まで、変更も抜けもありません。\n")
    assert json.loads(audit("verify", "--json").stdout) == {
        "whole": True,
        "lines": 4,
        "first": 1,
        "last": 4,
        "findings": [],
    }


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ja", "3行目が書き換えられています。 (000001.jsonl:3)"),
        ("en", "Line 3 was changed. (000001.jsonl:3)"),
    ],
)
def test_a_changed_line_is_named_and_what_to_do(world: World, audit: Run, language: str, told: str) -> None:
    world.sign(3)
    lines = world.file.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"login", b"logon")
    world.file.write_bytes(b"".join(lines))
    done = audit("verify", language=language)
    first, then = done.stdout.splitlines()
    assert (done.returncode, first) == (1, told)
    assert "card-bridge audit export --output" in then


def test_lines_cut_off_are_found_with_the_receipt_that_was_kept(world: World, audit: Run, tmp_path: Path) -> None:
    world.sign(3)
    kept = tmp_path / "receipt.json"
    assert audit("receipt", "--output", str(kept)).returncode == 0
    assert json.loads(kept.read_text(encoding="utf-8"))["line"] == 4
    assert audit("verify", "--receipt", str(kept)).returncode == 0
    world.file.write_bytes(b"".join(world.file.read_bytes().splitlines(keepends=True)[:3]))
    assert audit("verify").returncode == 0
    done = audit("verify", "--receipt", str(kept))
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        1,
        "Line 4 of the receipt is missing: the end of the record was cut off.",
    )
    (found,) = json.loads(audit("verify", "--receipt", str(kept), "--json").stdout)["findings"]
    assert (found["kind"], found["line"]) == ("cut", 4)


def test_the_receipt_of_a_line_and_of_none(world: World, audit: Run, tmp_path: Path) -> None:
    assert "No signature has been recorded." in audit("receipt").stderr
    world.sign(2)
    assert json.loads(audit("receipt", "2").stdout)["line"] == 2
    for words in (["receipt", "1"], ["receipt", "99"]):
        done = audit(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "That line is no signature" in done.stderr
    (tmp_path / "no.json").write_text('{"v": 1}', encoding="utf-8")
    done = audit("verify", "--receipt", str(tmp_path / "no.json"))
    assert done.returncode == 2
    assert "no receipt of a signature" in done.stderr


def test_the_list_shows_the_last_lines(world: World, audit: Run) -> None:
    assert audit("list").stdout == "Nothing has been recorded yet.\n"
    world.sign(2)
    world.record.append("sign", {"origin": "https://portal.example", "outcome": "pin_wrong", "tries": 2})
    shown = audit("list", language="ja").stdout.splitlines()
    assert [line.split()[0] for line in shown] == ["1", "2", "3", "4"]
    assert shown[1].endswith("署名  https://portal.example  ログイン  完了")
    assert shown[3].endswith("署名  https://portal.example  PIN番号が違います (pin_wrong)  残り2回")
    assert len(audit("list", "--last", "2").stdout.splitlines()) == 2
    assert [line["line"] for line in json.loads(audit("list", "--json", "--last", "1").stdout)] == [4]


def test_what_somebody_wrote_into_it_plays_no_tricks_on_a_terminal(world: World, audit: Run) -> None:
    world.record.append("sign", {"origin": "https://portal.example", "action": "\x1b[2J\u202e", "outcome": "ok"})
    shown = audit("list").stdout
    assert "\\u001b[2J\\u202e" in shown
    assert "\x1b" not in shown


def test_an_export_is_verified_elsewhere(world: World, audit: Run, tmp_path: Path) -> None:
    world.sign(3)
    out = tmp_path / "record.jsonl"
    assert audit("export", "--output", str(out)).returncode == 0
    assert out.read_bytes() == world.file.read_bytes()
    assert audit("export").stdout.encode() == world.file.read_bytes()
    world.file.unlink()
    assert audit("verify", "--record", str(out)).returncode == 0
    assert audit("export", "--output", str(out)).returncode == 2  # nothing is written over
    out.write_bytes(out.read_bytes().replace(b"login", b"logon"))
    assert audit("verify", "--record", str(out)).returncode == 1


def test_a_broken_record_is_exported_and_said_to_be(world: World, audit: Run) -> None:
    world.sign(3)
    world.file.write_bytes(world.file.read_bytes().replace(b"login", b"logon", 1))
    done = audit("export")
    assert (done.returncode, done.stdout.encode()) == (1, world.file.read_bytes())
    assert done.stderr.startswith("Line 2 was changed.")


def test_a_record_that_others_can_write_is_said_to_be(world: World, audit: Run, config: Path) -> None:
    world.sign()
    world.file.chmod(0o666)
    done = audit("verify")
    assert done.returncode == 1
    assert done.stdout.startswith("Another user could write here")
    assert checks(config)["audit"]["ok"] is False
    world.file.chmod(0o600)
    assert audit("verify").returncode == 0
    assert checks(config)["audit"]["text"]["en"] == "record of signatures: 2 lines"


def test_the_doctor_says_that_a_line_is_missing(world: World, config: Path) -> None:
    world.sign(3)
    lines = world.file.read_bytes().splitlines(keepends=True)
    world.file.write_bytes(b"".join([*lines[:1], *lines[2:]]))
    line = checks(config)["audit"]
    assert (line["ok"], "card-bridge audit verify" in line["text"]["ja"]) == (False, True)
