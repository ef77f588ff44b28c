"""`card-bridge doctor --fix`: what it mends, what it leaves alone, and that it looks again afterwards."""

from __future__ import annotations

import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from certs import context, store
from certs.trust.nss import NssStore
from tests.flow.doctor import Told, ask, settings

NOBODY = 65534
YEAR = 365 * 86400
certutil = pytest.mark.skipif(shutil.which("certutil") is None, reason="needs certutil of libnss3-tools")


def fix(config: Path, home: Path) -> Told:
    return ask(config, "--fix", HOME=str(home), XDG_DATA_HOME="")


@certutil
def test_certificates_that_are_missing_are_made_and_trusted(tmp_path: Path) -> None:
    config, home = settings(tmp_path), tmp_path / "home"
    home.mkdir()
    assert not ask(config, HOME=str(home), XDG_DATA_HOME="").only("certificates").ok
    told = fix(config, home)
    assert told.only("repaired").ok
    assert told.only("certificates").ok
    assert all(line.ok for line in told.lines["trust"])
    root = store.load(tmp_path / "tls").root
    assert [each.trusted for each in NssStore(home=home).status(root)] == [True]
    assert "repaired" not in fix(config, home).lines  # nothing is wrong any more
    assert store.load(tmp_path / "tls").root == root


@certutil
def test_a_root_that_a_browser_has_lost_is_put_back_and_stays_the_same(tmp_path: Path) -> None:
    config, home = settings(tmp_path), tmp_path / "home"
    home.mkdir()
    fix(config, home)
    root = store.load(tmp_path / "tls").root
    NssStore(home=home).uninstall(root)
    told = fix(config, home)
    assert (told.only("repaired").ok, told.only("trust").ok) == (True, True)
    assert store.load(tmp_path / "tls").root == root


@certutil
def test_an_exposed_key_is_replaced_and_its_root_trusted_no_more(tmp_path: Path) -> None:
    config, home = settings(tmp_path), tmp_path / "home"
    home.mkdir()
    fix(config, home)
    old = store.load(tmp_path / "tls")
    old.leaves[0].path.chmod(0o644)
    told = fix(config, home)
    assert told.only("repaired").ok
    new = store.load(tmp_path / "tls")
    assert new.root != old.root
    assert [each.trusted for each in NssStore(home=home).status(old.root)] == [False]
    assert [each.trusted for each in NssStore(home=home).status(new.root)] == [True]


@certutil
def test_certificates_that_end_soon_are_made_anew(tmp_path: Path) -> None:
    config, home = settings(tmp_path), tmp_path / "home"
    home.mkdir()
    context.ensure(tmp_path / "tls", time.time() - 10 * YEAR)
    told = fix(config, home)
    assert (told.only("repaired").ok, told.only("certificates").ok) == (True, True)
    assert store.load(tmp_path / "tls").leaves[-1].not_after > time.time() + YEAR


def test_a_folder_that_its_owner_cannot_write_is_given_back_to_its_owner_alone(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root to act as a person to whom permissions apply")
    person = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    for each in tmp_path.parents[:4]:
        each.chmod(each.stat().st_mode | 0o055)
    config = settings(tmp_path)
    folders = [tmp_path / "log", tmp_path / "card", tmp_path / "audit"]
    for folder in folders:
        folder.mkdir()
    for path in (tmp_path, *folders):
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o500 if path in folders else 0o700)
    about = {"HOME": str(tmp_path), "XDG_DATA_HOME": ""}
    assert [line.ok for line in ask(config, around=person, **about).lines["directory"]] == [False] * 3
    told = ask(config, "--fix", around=person, **about)
    assert [line.ok for line in told.lines["directory"]] == [True] * 3
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3
    assert sum("is writable now" in line.en for line in told.lines["repaired"]) == 3


def test_a_folder_below_a_file_is_said_and_not_touched(tmp_path: Path) -> None:
    config = settings(tmp_path)
    (tmp_path / "log").write_text("not a folder", encoding="utf-8")
    told = ask(config, "--fix", HOME=str(tmp_path), XDG_DATA_HOME="")
    assert any(not line.ok and "could not be mended" in line.en for line in told.lines["repaired"])
    assert (tmp_path / "log").read_text(encoding="utf-8") == "not a folder"
