"""What Chromium and Firefox make of our root: its leaves are good for this computer and for no other name."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509

from certs import authority, context, store
from certs.identity import COMMON_NAME
from certs.trust.nss import NssStore
from tests import private_system
from tests.browser.visits import CHROMIUM, ELSEWHERE, FIREFOX, Browser, executable, visiting
from tests.browser.witness import SERVED, witnessing
from tests.private_system import HOMES, PrivateSystem

MACHINE: Final = Path("/var/lib/card-bridge/tls")

BOTH = [
    pytest.param(
        browser,
        id=name,
        marks=pytest.mark.skipif(executable(browser) is None, reason=f"needs an installed {name}"),
    )
    for name, browser in (("chromium", CHROMIUM), ("firefox", FIREFOX))
]


def issue(folder: Path) -> store.Certificates:
    made = authority.issue(time.time())
    return store.save(folder, made.root, made.leaves)


def visit(browser: Browser, home: Path, tls: ssl.SSLContext, host: str, within: Sequence[str] = ()) -> str:
    """What a freshly started browser made of the certificate that it was shown."""
    with (
        witnessing(tls) as witness,
        visiting(browser, home, f"https://{host}:{witness.port}/", within=within),
    ):
        return witness.verdict()


@pytest.mark.parametrize("browser", BOTH)
def test_a_root_is_believed_where_it_was_registered_and_until_it_is_taken_out(browser: Browser, tmp_path: Path) -> None:
    root = issue(tmp_path / "tls").root
    trust, tls = NssStore([tmp_path / browser.database]), context.server_context(tmp_path / "tls")
    assert visit(browser, tmp_path, tls, "localhost") != SERVED
    trust.install(root)
    assert visit(browser, tmp_path, tls, "localhost") == SERVED
    assert visit(browser, tmp_path, tls, "127.0.0.1") == SERVED
    trust.uninstall(root)
    assert visit(browser, tmp_path, tls, "localhost") != SERVED


@pytest.mark.parametrize("browser", BOTH)
@pytest.mark.parametrize("permitted", [False, True])
def test_a_leaf_for_another_name_is_refused_because_of_the_roots_constraints(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, permitted: bool
) -> None:
    monkeypatch.setattr(authority, "NAMES", (x509.DNSName(ELSEWHERE),))
    if permitted:  # the same leaf under a root that may: nothing else keeps the browser from believing it
        monkeypatch.setattr(authority, "PERMITTED", (x509.DNSName(ELSEWHERE),))
    NssStore([tmp_path / browser.database]).install(issue(tmp_path / "tls").root)
    tls = context.server_context(tmp_path / "tls")
    assert (visit(browser, tmp_path, tls, ELSEWHERE) == SERVED) is permitted


@pytest.mark.skipif(not private_system.available(), reason="needs mount namespaces")
@pytest.mark.parametrize("browser", BOTH)
def test_the_machines_root_is_believed_by_policy_until_it_is_uninstalled(browser: Browser, tmp_path: Path) -> None:
    system = PrivateSystem(tmp_path, {})
    home = system.real(HOMES / "root")
    assert certs(system, "install") == 0
    tls = context.server_context(system.real(MACHINE))
    assert visit(browser, home, tls, "localhost", system.command()) == SERVED
    assert roots_in(home / browser.database) == (browser is FIREFOX)  # it has made a copy of its own
    assert certs(system, "uninstall") == 0
    assert roots_in(home / browser.database) == 0
    assert visit(browser, home, tls, "localhost", system.command()) != SERVED


def certs(system: PrivateSystem, command: str) -> int:
    return system.run(sys.executable, "-m", "certs.cli", command, "--machine").returncode


def roots_in(database: Path) -> int:
    if not database.is_dir():
        return 0
    listed = subprocess.run(["certutil", "-L", "-d", f"sql:{database}"], capture_output=True, text=True, check=True)
    return listed.stdout.count(COMMON_NAME)
