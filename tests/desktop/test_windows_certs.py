"""`card-bridge certs` as Windows runs it, under Wine: its own stores of roots, and the access lists of key files."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from pathlib import Path

import pytest

from certs import authority, store
from certs.scope import Scope
from tests.desktop import wine
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

PLACES = {Scope.USER: "Cert:\\CurrentUser\\Root", Scope.MACHINE: "Cert:\\LocalMachine\\Root"}
# Python's own view of what Windows trusts: the user's roots and the machine's.
TRUSTED = "import hashlib, ssl; print(*(hashlib.sha256(der).hexdigest() for der, *_ in ssl.enum_certificates('ROOT')))"

SAVE = """
import sys
from pathlib import Path
from typing import NamedTuple
from certs import store
class Leaf(NamedTuple):
    pem: bytes
    not_before: int
    not_after: int
store.save(Path(sys.argv[1]), b"root", [Leaf(b"key", 1, 2)])
"""


@pytest.fixture(autouse=True)
def services(system: System) -> None:
    wine.start_services(system.env)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "tls"


def issue(directory: Path, scope: Scope) -> bytes:
    """Issued on this side: the Python for Windows brings no library that could."""
    made = authority.issue(time.time())
    return store.save(directory, made.root, made.leaves, scope).root


def name_after(system: System, directory: Path) -> None:
    """Certificates for all users carry the name of the computer that made them: now that of this Windows."""
    index = json.loads((directory / "index.json").read_text(encoding="utf-8"))
    if index["machine"]:
        index["machine"] = wine.python(
            system.env, "-c", "from certs import machine; print(machine.identity())"
        ).stdout.strip()
        (directory / "index.json").write_text(json.dumps(index), encoding="utf-8")


def certs(system: System, command: str, directory: Path, scope: Scope) -> subprocess.CompletedProcess[str]:
    options = (f"--{scope.value}", "--directory", windows_path(directory), "--language", "en")
    return wine.python(system.env, "-m", "certs.cli", command, *options)


def windows_path(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


def trusted(system: System) -> list[str]:
    return wine.python(system.env, "-c", TRUSTED).stdout.split()


@pytest.mark.parametrize("scope", Scope)
def test_a_round_trip_leaves_windows_as_it_was(system: System, directory: Path, scope: Scope) -> None:
    fingerprint = hashlib.sha256(issue(directory, scope)).hexdigest()
    # Made on Linux: to this Windows they came from elsewhere, until they carry its own name.
    assert ("made on another computer" in certs(system, "status", directory, scope).stdout) is (scope is Scope.MACHINE)
    name_after(system, directory)
    before = trusted(system)
    done = certs(system, "install", directory, scope)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"trusted      Windows: {PLACES[scope]}" in done.stdout
    assert ("Windows asks now" in done.stdout) is (scope is Scope.USER)
    assert sorted(trusted(system)) == sorted([*before, fingerprint])
    again = certs(system, "install", directory, scope)
    assert again.returncode == 0
    assert "close all its windows" not in again.stdout

    other = Scope.MACHINE if scope is Scope.USER else Scope.USER
    assert f"not trusted  Windows: {PLACES[other]}" in certs(system, "status", directory, other).stdout

    done = certs(system, "uninstall", directory, scope)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(trusted(system)) == sorted(before)
    assert not directory.exists()


def test_an_earlier_root_is_named(system: System, directory: Path, tmp_path: Path) -> None:
    issue(tmp_path / "earlier", Scope.USER)
    certs(system, "install", tmp_path / "earlier", Scope.USER)
    issue(directory, Scope.USER)
    assert "root of an earlier installation: card-bridge-" in certs(system, "install", directory, Scope.USER).stdout
    for folder in (directory, tmp_path / "earlier"):
        assert certs(system, "uninstall", folder, Scope.USER).returncode == 0


def test_a_key_that_everybody_can_read_is_refused(system: System, directory: Path) -> None:
    issue(directory, Scope.USER)
    leaf = store.read_index(directory).leaves[0].path
    leaf.chmod(0o644)  # Wine shows modes as access lists
    done = certs(system, "status", directory, Scope.USER)
    assert done.returncode == 1
    assert "Other users can read or replace a private key" in done.stderr
    leaf.chmod(0o600)
    assert "Other users" not in certs(system, "status", directory, Scope.USER).stderr


def test_new_keys_are_kept_from_others(system: System, directory: Path) -> None:
    wine.python(system.env, "-c", SAVE, windows_path(directory))
    assert (directory / "index.json").exists()
    assert [path for path in (directory, *directory.iterdir()) if path.stat().st_mode & 0o007] == []
