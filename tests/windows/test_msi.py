"""The MSI on a Windows of its own: installed, started at log-on, answering over TLS, and gone without a trace.

Wine names no process for a socket that a Linux program connected, and the bridge refuses a peer that it does not know:
what it is asked from Linux is carried to it by a program of that Windows (`relay.py`).
"""

from __future__ import annotations

import hashlib
import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.version import VERSION
from tests.desktop.wine import PYTHON
from tests.windows.bridge_on_pc import ask, relay
from tests.windows.conftest import copied
from tests.windows.pc import PC, files, files_of, log_on, running, wait_for_start

ROOT = Path(__file__).parents[2]
MSI = ROOT / f"dist/card-bridge-{VERSION}-x64.msi"
WINDOWS_MSI = "Z:" + str(MSI).replace("/", "\\")
PROGRAM = "Program Files/Card Bridge"
TLS = "ProgramData/card-bridge/tls"
SETTINGS = "ProgramData/card-bridge/config.toml"
RUN = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
PROGRAMS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
SCHEME = r"HKLM\SOFTWARE\Classes\card-bridge"
OWN_KEY = r"HKLM\SOFTWARE\Card Bridge"
ROOTS = "import ssl; print(*(der.hex() for der, _, _ in ssl.enum_certificates('ROOT')), sep='\\n')"


@pytest.fixture(scope="module")
def home(installed_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(installed_disk, tmp_path_factory.mktemp("msi") / "pc")


@pytest.fixture(scope="module")
def clean(bare_disk: Path) -> set[str]:
    """What stands on the PC before the program comes."""
    return files_of(bare_disk)


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def installed(home: Path, port: int) -> Path:
    """The PC's disk after a silent installation. From the next log-on the bridge listens on `port`."""
    disk = home / "drive_c"
    (disk / SETTINGS).write_text(f"[bridge]\nport = {port}\n", encoding="ascii")
    return disk


@pytest.fixture
def pc(home: Path, installed: Path) -> Iterator[PC]:
    """The PC while nobody is logged on."""
    with running(home) as started:
        yield started


def roots(pc: PC) -> list[bytes]:
    """As another program reads them: by the ssl module of a Python that is not the installed one."""
    return [bytes.fromhex(line) for line in pc.run(str(PYTHON), "-I", "-c", ROOTS).split()]


def test_every_file_is_there_as_listed(installed: Path) -> None:
    listing = MSI.with_suffix(".files.sha256").read_text(encoding="utf-8")
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in listing.splitlines())}
    folder = installed / PROGRAM
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()} == listed


def test_the_bridge_starts_at_log_on_and_answers_a_program_of_its_user_alone(
    home: Path, installed: Path, port: int
) -> None:
    with running(home) as pc:
        log_on(pc)
        wait_for_start(pc)
        assert ask(pc, port)[0] == http.HTTPStatus.FORBIDDEN
        with relay(pc, port) as carried:
            status, page = ask(pc, port, carried)
        assert status == http.HTTPStatus.OK
        assert VERSION in page


def test_windows_knows_program_start_and_root_until_it_is_uninstalled(pc: PC, clean: set[str]) -> None:
    """The last test: it takes away what the others look at."""
    entry = pc.registry(PROGRAMS)
    assert "DisplayName    REG_SZ    Card Bridge\n" in entry
    assert f"DisplayVersion    REG_SZ    {VERSION}\n" in entry
    assert r'REG_SZ    "C:\Program Files\Card Bridge\card-bridge.exe" run --unless-running' in pc.registry(RUN)
    link = pc.registry(SCHEME)
    assert "    URL Protocol    REG_SZ    \n" in link
    assert 'REG_SZ    "C:\\Program Files\\Card Bridge\\card-bridge.exe" link open\n' in link
    root = (pc.drive / TLS / "root.der").read_bytes()
    assert root in roots(pc)
    (pc.drive / SETTINGS).unlink()  # an administrator's own, whom it is left to
    pc.run("msiexec", "/x", WINDOWS_MSI, "/qn")
    assert files(pc) - clean == set()
    assert root not in roots(pc)
    assert "Card Bridge" not in pc.registry(PROGRAMS) + pc.registry(RUN) + pc.registry(OWN_KEY) + pc.registry(SCHEME)
