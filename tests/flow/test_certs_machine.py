"""`card-bridge certs --machine` on a whole system of the test's own: every user is served, and nothing stays behind."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from certs import store
from certs.identity import COMMON_NAME
from tests.private_system import HOMES, USER, PrivateSystem, available

pytestmark = [
    pytest.mark.skipif(not available(), reason="needs mount namespaces"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="another user's rights need root"),
]

FOLDER = Path("/var/lib/card-bridge/tls")
PLACES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/chromium/policies/managed", "/etc/firefox/policies/policies.json")
# The interpreter and the checkout may lie where other users see nothing: what the program needs is loaded before.
AS_USER = f"""
import os, sys
from certs import cli, context, scope
import platformdirs
cli.main(["status", "--user", "--directory", "/none"])
os.setgid({USER})
os.setuid({USER})
"""

SERVE = "context.server_context(scope.folder(scope.in_use())); print(scope.in_use().value)"


@pytest.fixture
def system(tmp_path: Path) -> PrivateSystem:
    return PrivateSystem(tmp_path, {"kouji": USER})


def certs(system: PrivateSystem, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    return system.run(sys.executable, "-m", "certs.cli", command, "--machine", "--language", "en", *options)


def as_user(system: PrivateSystem, program: str) -> subprocess.CompletedProcess[str]:
    return system.run(sys.executable, "-c", AS_USER + program, HOME=str(HOMES / "kouji"))


def contents(folder: Path) -> dict[str, str]:
    """Path → what stands there, for a whole tree."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.is_dir():
            found[name] = ""
    return found


def roots_in(profile: Path) -> int:
    listed = subprocess.run(["certutil", "-L", "-d", f"sql:{profile}"], capture_output=True, text=True, check=True)
    return listed.stdout.count(COMMON_NAME)


def firefox_profile(system: PrivateSystem, root: bytes, name: str = "x.default") -> Path:
    """A profile of the other user's, into which Firefox has copied the root as the policy told it to."""
    inside = HOMES / "kouji" / ".mozilla" / "firefox" / name
    profile = system.real(inside)
    profile.mkdir(parents=True)
    nss = ["certutil", "-d", f"sql:{profile}"]
    subprocess.run([*nss, "-N", "--empty-password"], check=True)
    subprocess.run([*nss, "-A", "-t", "CT,CT,", "-n", f"{COMMON_NAME}x - Card Bridge"], input=root, check=True)
    home = system.real(HOMES / "kouji")
    for path in (home, *home.rglob("*")):
        os.chown(path, USER, USER)
    assert roots_in(profile) == 1
    return profile


def test_the_machines_certificates_serve_every_user_and_leave_nothing(system: PrivateSystem) -> None:
    before = contents(system.folder / "etc"), contents(system.folder / "local")
    done = certs(system, "install")
    assert done.returncode == 0, done.stdout + done.stderr
    trusted = [line for line in done.stdout.splitlines() if line.startswith("trusted ")]
    assert all(any(place in line for line in trusted) for place in PLACES)
    assert "not trusted" not in done.stdout
    again = certs(system, "install")
    assert again.returncode == 0
    assert "close all its windows" not in again.stdout
    serving = as_user(system, SERVE)
    assert serving.stdout == "machine\n", serving.stderr

    copied = store.read_index(system.real(FOLDER)).root
    index = system.real(FOLDER) / "index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"machine": "0" * 32}), encoding="ascii")
    done = certs(system, "install")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "made on another computer" in done.stdout
    old = store.read_index(system.real(FOLDER)).root
    assert old != copied

    profile = firefox_profile(system, old)
    done = certs(system, "renew")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "earlier installation" not in done.stdout
    new = store.read_index(system.real(FOLDER)).root
    bundle = (system.folder / "etc/ssl/certs/ca-certificates.crt").read_bytes()
    assert (store.pem(new) in bundle, store.pem(old) in bundle) == (True, False)
    assert roots_in(profile) == 0

    profile_again = firefox_profile(system, new, "y.default")
    done = certs(system, "uninstall")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (contents(system.folder / "etc"), contents(system.folder / "local")) == before
    assert not system.real(FOLDER).exists()
    assert roots_in(profile_again) == 0


def test_links_in_a_persons_profile_lead_root_nowhere(system: PrivateSystem) -> None:
    assert certs(system, "install").returncode == 0
    profile = firefox_profile(system, store.read_index(system.real(FOLDER)).root)
    elsewhere = system.folder / "var-lib" / "roots-own"
    shutil.move(profile, elsewhere)
    profile.mkdir()
    for file in elsewhere.iterdir():
        os.chown(file, 0, 0)
        file.chmod(0o600)
        (profile / file.name).symlink_to(Path("/var/lib/roots-own") / file.name)
    done = certs(system, "uninstall")
    assert roots_in(elsewhere) == 1
    assert done.returncode == 1
    assert str(HOMES / "kouji" / ".mozilla" / "firefox" / "x.default") in done.stdout  # named, for root to look at


def test_a_person_without_rights_is_told_and_changes_nothing(system: PrivateSystem) -> None:
    before = contents(system.folder / "etc")
    for command in ("install", "renew", "uninstall"):
        done = as_user(system, f"sys.exit(cli.main(['{command}', '--machine', '--language', 'en']))")
        assert done.returncode == 1
        assert "Only an administrator" in done.stderr
    assert contents(system.folder / "etc") == before
