"""A real user whose account and home folder have Japanese names with a space: everything of theirs works there."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from tests.private_system import HOMES, USER, PrivateSystem, available

pytestmark = [
    pytest.mark.skipif(not available(), reason="needs mount namespaces"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="another user's rights need root"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv (util-linux)"),
]

NAME = "山田 太郎"
HOME = HOMES / NAME
# The interpreter and the checkout may lie where other users see nothing: this one may read everything, and write
# what is theirs alone.
AS_USER = (
    *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"),
    *(
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=-all,+dac_read_search",
        "--bounding-set=-all,+dac_read_search",
    ),
    *(sys.executable, "-X", "utf8", "-m"),
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> PrivateSystem:
    return PrivateSystem(tmp_path_factory.mktemp("computer"), {NAME: USER})


def person(system: PrivateSystem, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return system.run(*AS_USER, module, *arguments, HOME=str(HOME), USER=NAME, LANG="ja_JP.UTF-8", PYTHONUTF8="1")


def command(system: PrivateSystem, *arguments: str) -> str:
    done = person(system, "bridge.cli", *arguments)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


def test_a_page_signs_and_the_record_holds(system: PrivateSystem) -> None:
    done = person(system, "tests.flow.japanese_person")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["status"] == 0
    assert min(told["posted"], told["sent"]) > 1000
    config = str(HOME / "電子入札 用/bridge.toml")
    lines = json.loads(command(system, "audit", "--config", config, "list", "--json"))
    assert [line["event"] for line in lines].count("sign") == 2
    command(system, "audit", "--config", config, "verify")
    kept = system.real(HOME / "電子入札 用")
    assert {file.name for file in kept.iterdir()} >= {"audit", "card", "log", "tls"}
    assert all(file.stat().st_uid == USER for file in kept.rglob("*"))


def test_certificates_practice_card_and_start_are_in_the_usual_folders(system: PrivateSystem) -> None:
    command(system, "practice", "insert")
    command(system, "certs", "install")
    assert "autostart/card-bridge.desktop" in command(system, "autostart", "on")
    data = system.real(HOME / ".local/share/card-bridge")
    assert (data / "card/practice/inserted").is_file()
    root = (data / "tls/root.pem").read_text(encoding="ascii")
    command(system, "certs", "status")
    assert root.startswith("-----BEGIN CERTIFICATE-----")
    nss = system.real(HOME / ".pki/nssdb/cert9.db")
    with sqlite3.connect(nss) as database:
        assert database.execute("SELECT COUNT(*) FROM nssPublic").fetchone()[0] > 0


def test_the_doctor_names_no_name(system: PrivateSystem) -> None:
    done = person(system, "bridge.cli", "doctor")
    assert (
        "OK  サインインすると、カードブリッジが自動で起動します。（~/.config/autostart/card-bridge.desktop）\n"
        in done.stdout
    )
    assert "山田" not in done.stdout + done.stderr
    assert "確かめられませんでした" not in done.stdout
