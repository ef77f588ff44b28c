"""`card-bridge portal officers`: the list, as its command keeps it."""

from __future__ import annotations

import os
import pwd
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from portal import cli
from portal.officers import command
from portal.signatures import certificate
from tests.unit import portal_pki as pki


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "portal.toml"
    path.write_text('database = "portal.sqlite3"\n', encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def card() -> pki.Card:
    return pki.Authority().issue(900)


def run(config: Path, *words: str) -> int:
    return cli.main(["officers", *words, "--config", str(config)])


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_add_list_remove(config: Path, card: pki.Card, encoding: Encoding, capsys: pytest.CaptureFixture[str]) -> None:
    file = config.parent / "card.cer"
    file.write_bytes(card.certificate.public_bytes(encoding))
    assert run(config, "add", "--name", "山口 花子", "--certificate", str(file)) == 0
    issuer = certificate.read(card.der).issuer
    assert capsys.readouterr().out.startswith(f"1  山口 花子  {issuer}  serial 900  since ")
    assert run(config, "add", "--name", "二人目", "--issuer", issuer, "--serial", "900") == 1
    assert "on the list already" in capsys.readouterr().err
    assert run(config, "add", "--name", "二人目", "--issuer", issuer, "--serial", "0901") == 0
    assert "serial 901" in capsys.readouterr().out
    assert run(config, "remove", "1") == 0
    assert "removed " in capsys.readouterr().out
    assert run(config, "remove", "1") == 1
    assert "nobody on the list has the number 1" in capsys.readouterr().err
    assert run(config, "add", "--name", "山口 花子", "--certificate", str(file)) == 0
    capsys.readouterr()
    assert run(config, "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [(line.split("  ")[0], "may log in" in line) for line in lines] == [("1", False), ("2", True), ("3", True)]


def test_the_log_names_the_systems_account_whatever_the_environment_says(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody")
    monkeypatch.setenv("SUDO_USER", "")
    assert run(config, "add", "--name", "花子", "--issuer", "CN=x", "--serial", "1") == 0
    assert run(config, "remove", "1") == 0
    with sqlite3.connect(config.parent / "portal.sqlite3") as db:
        lines = db.execute("SELECT officer, who, act, before, after FROM officer_log ORDER BY id").fetchall()
    db.close()
    who, told = f"{pwd.getpwuid(os.getuid()).pw_name}（サーバーのコマンド）", "花子（CN=x、シリアル番号 1）"
    assert lines == [(None, who, "officer_added", "", told), (None, who, "officer_removed", told, "")]


@pytest.mark.parametrize(
    ("number", "sudo", "name"),
    [(0, "hanako", "root（sudo: hanako）"), (0, "", "root"), (1000, "hanako", "taro"), (77, "", "uid 77")],
)
def test_whoever_became_root_is_named_and_nobody_else_can_say_so(
    number: int, sudo: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {0: SimpleNamespace(pw_name="root"), 1000: SimpleNamespace(pw_name="taro")}
    monkeypatch.setattr(os, "getuid", lambda: number)
    monkeypatch.setattr(pwd, "getpwuid", known.__getitem__)
    monkeypatch.setenv("SUDO_USER", sudo)
    assert command.account() == name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "--issuer", "CN=x", "--serial", "1"], "--name"),
        (["add", "--name", " ", "--issuer", "CN=x", "--serial", "1"], "--name"),
        (["add", "--name", "a\u202eb", "--issuer", "CN=x", "--serial", "1"], "--name"),
        (["add", "--name", "あ" * 61, "--issuer", "CN=x", "--serial", "1"], "at most 60"),
        (["add", "--name", "花子"], "expected --certificate FILE, or --issuer and --serial"),
        (["add", "--name", "花子", "--issuer", "CN=x", "--serial", "0x1"], "decimal"),
        (["add", "--name", "花子", "--certificate", "pyproject.toml"], "no certificate that can be read"),
        (["add", "--name", "花子", "--certificate", "none.cer"], "none.cer"),
        (["remove"], "number is missing"),
    ],
)
def test_what_is_wrong_is_named(config: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, *words) == 1
    assert said in capsys.readouterr().err
