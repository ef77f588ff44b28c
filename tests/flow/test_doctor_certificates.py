"""What `card-bridge doctor` says of the bridge's certificates and of who trusts them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from certs import context
from certs.scope import Scope
from certs.trust.nss import NssStore

pytestmark = pytest.mark.skipif(shutil.which("certutil") is None, reason="needs certutil of libnss3-tools")

YEAR = 365 * 86400


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bridge.toml"
    folders = {"tls": tmp_path / "tls", "log": tmp_path / "log", "card": tmp_path / "card"}
    file.write_text("".join(f"[{key}]\ndirectory = {json.dumps(str(folder))}\n" for key, folder in folders.items()))
    return file


def doctor(config: Path, check: str, home: Path) -> list[tuple[bool, str, str]]:
    """Lines of this name: all right?, in English, in Japanese."""
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "doctor", "--json", "--config", str(config)]
    env = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": ""}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    lines: list[dict[str, Any]] = json.loads(done.stdout)
    return [(line["ok"], line["text"]["en"], line["text"]["ja"]) for line in lines if line["check"] == check]


def test_before_there_are_any_it_says_how_to_make_them(config: Path, tmp_path: Path) -> None:
    [(ok, english, japanese)] = doctor(config, "certificates", tmp_path)
    assert not ok
    assert "Run `card-bridge certs install`" in english
    assert "card-bridge certs install" in japanese
    assert doctor(config, "trust", tmp_path) == []


def test_a_copied_key_is_told_with_what_to_do(config: Path, tmp_path: Path) -> None:
    context.ensure(tmp_path / "tls", time.time(), Scope.MACHINE)
    assert len(doctor(config, "certificates", tmp_path)) == 1
    index = tmp_path / "tls/index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"machine": "0" * 32}), encoding="ascii")
    ok, english, japanese = doctor(config, "certificates", tmp_path)[1]
    assert not ok
    assert "made on another computer" in english
    assert "別のパソコンで作られ" in japanese
    assert all("card-bridge certs install --machine" in text for text in (english, japanese))


def test_trust_is_told_browser_by_browser(config: Path, tmp_path: Path) -> None:
    root = context.ensure(tmp_path / "tls", time.time()).root
    [(ok, english, _)] = doctor(config, "trust", tmp_path)
    assert not ok
    assert "start the browser once" in english
    for name in ("one", "two"):
        NssStore([tmp_path / ".mozilla" / "firefox" / name]).install(root)
    NssStore([tmp_path / ".mozilla" / "firefox" / "two"]).uninstall(root)
    said = {
        Path(english.partition(":")[0].split()[-1]).name: ok for ok, english, _ in doctor(config, "trust", tmp_path)
    }
    assert said == {"one": True, "two": False}
    assert [ok for ok, *_ in doctor(config, "certificates", tmp_path)] == [True]


def test_an_exposed_key_and_a_near_end_are_named(config: Path, tmp_path: Path) -> None:
    leaf = context.ensure(tmp_path / "tls", time.time() - 10 * YEAR).leaves[0].path
    [(ok, english, japanese)] = doctor(config, "certificates", tmp_path)
    assert not ok
    assert "certs renew" in english
    assert "certs renew" in japanese
    leaf.chmod(0o644)
    [(ok, english, _)] = doctor(config, "certificates", tmp_path)
    assert not ok
    assert "Other users can read or replace a private key" in english
