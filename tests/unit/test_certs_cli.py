"""`card-bridge certs …` as a person runs it, on databases of its own."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from certs import authority, context, scope, store
from certs.cli import main
from certs.scope import Scope
from certs.texts import language, text
from certs.trust.macos import MacStore
from certs.trust.nss import NssStore, nickname
from tests import keychain

pytestmark = pytest.mark.skipif(shutil.which("certutil") is None, reason="needs certutil of libnss3-tools")

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(command: str, *options: str) -> int:
        databases = [] if command == "export" else ["--nssdb", str(tmp_path / "a"), "--nssdb", str(tmp_path / "b")]
        return main([command, "--language", "en", "--directory", str(tmp_path / "tls"), *databases, *options])

    return run


def nicknames(database: Path) -> list[str]:
    listed = subprocess.run(["certutil", "-L", "-d", f"sql:{database}"], capture_output=True, text=True, check=True)
    return [line[:60].strip() for line in listed.stdout.splitlines()[4:] if line.strip()]


def test_install_serves_and_is_trusted_everywhere(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("install") == 0
    root = store.load(tmp_path / "tls").root
    assert nicknames(tmp_path / "a") == nicknames(tmp_path / "b") == [nickname(root)]
    assert isinstance(context.server_context(tmp_path / "tls"), ssl.SSLContext)
    out = capsys.readouterr().out
    assert out.count("trusted      ") == 2
    assert "close all its windows" in out


def test_a_second_install_changes_nothing_and_asks_for_no_restart(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("install")
    before = store.load(tmp_path / "tls")
    capsys.readouterr()
    assert run("install") == 0
    assert store.load(tmp_path / "tls") == before
    assert "windows" not in capsys.readouterr().out


def test_status_fails_until_every_browser_trusts(run: Run, tmp_path: Path) -> None:
    assert run("status") == 1
    run("install")
    assert run("status") == 0
    NssStore([tmp_path / "b"]).uninstall(store.load(tmp_path / "tls").root)
    assert run("status") == 1


def test_renew_replaces_the_root_in_folder_and_browsers(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("install")
    old = store.load(tmp_path / "tls").root
    assert run("renew") == 0
    new = store.load(tmp_path / "tls").root
    assert new != old
    assert nicknames(tmp_path / "a") == nicknames(tmp_path / "b") == [nickname(new)]
    assert "restart" in capsys.readouterr().out


def test_renew_mends_an_exposed_key(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("install")
    store.load(tmp_path / "tls").leaves[0].path.chmod(0o644)
    assert run("status") == 1
    assert "certs renew" in capsys.readouterr().err
    assert run("renew") == 0
    assert run("status") == 0


def test_uninstall_leaves_nothing(run: Run, tmp_path: Path) -> None:
    run("install")
    assert run("uninstall") == 0
    assert nicknames(tmp_path / "a") == nicknames(tmp_path / "b") == []
    assert not (tmp_path / "tls").exists()
    assert run("uninstall") == 0


def test_uninstall_all_takes_earlier_roots_too(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    earlier = authority.issue(0.0).root
    run("install")
    NssStore([tmp_path / "a"]).install(earlier)
    assert run("uninstall") == 0
    assert nickname(earlier) in capsys.readouterr().out
    assert run("uninstall", "--all") == 0
    assert nicknames(tmp_path / "a") == []


def test_a_browser_that_keeps_the_root_keeps_the_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("install")
    (tmp_path / "b" / "cert9.db").write_bytes(b"not a database")
    assert run("uninstall") == 1
    assert store.exists(tmp_path / "tls")
    assert "still trusts" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["pem", "der"])
def test_export_is_read_by_openssl(run: Run, tmp_path: Path, form: str) -> None:
    run("install")
    file = tmp_path / f"out.{form}"
    assert run("export", f"--{form}", str(file)) == 0
    command = ["openssl", "x509", "-inform", form, "-in", str(file), "-outform", "DER"]
    read = subprocess.run(command, capture_output=True, check=True).stdout
    assert read == store.load(tmp_path / "tls").root


def test_a_file_that_cannot_be_written_is_said(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("install")
    assert run("export", "--pem", str(tmp_path / "missing" / "x.pem")) == 1
    assert "Cannot write" in capsys.readouterr().err


def test_user_and_machine_exclude_each_other(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("status", "--user", "--machine")
    assert ended.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


def test_without_a_word_it_is_the_set_that_the_bridge_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "folder", lambda whose: tmp_path / whose.value)
    context.ensure(tmp_path / "user", 0.0)
    assert scope.in_use() is Scope.USER
    context.ensure(tmp_path / "machine", 0.0, Scope.MACHINE)
    assert scope.in_use() is Scope.MACHINE
    for words, whose in (([], "machine"), (["--user"], "user"), (["--machine"], "machine")):
        assert main(["export", "--der", str(tmp_path / "out.der"), *words]) == 0
        assert (tmp_path / "out.der").read_bytes() == store.load(tmp_path / whose).root


@pytest.mark.parametrize(("lang", "words"), [("ja", "localhost 用"), ("en", "Manages")])
def test_help_speaks_both_languages(lang: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help", "--language", lang])
    assert ended.value.code == 0
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "ja"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "ja"),
        ({"LC_ALL": "ja_JP", "LANG": "en"}, "ja"),
    ],
)
def test_language_follows_the_locale(environment: dict[str, str], expected: str) -> None:
    assert language(environment) == expected


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_the_system_will_ask_is_announced_before_each_change(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    asking = MacStore(Scope.USER, keychain.program(tmp_path))
    monkeypatch.setattr("certs.commands.stores", lambda _scope, _databases: [asking])
    monkeypatch.setattr("certs.commands.clearings", lambda _scope, _databases: [asking])
    announced = text("ja" if lang == "ja" else "en", "macos_asks")
    for command, asks in (("install", 1), ("install", 0), ("renew", 2), ("uninstall", 1)):
        assert run(command, "--language", lang) == 0
        assert capsys.readouterr().out.count(announced) == asks, command
