"""Two OS users on one computer, each with a bridge of usual settings: ports side by side, and neither serves the other.

The users are the kernel's own, in an /etc/passwd that this test alone sees, and share a loopback of the test's own: no
other bridge has its ports.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bridge.doors.listener import PORTS
from tests import other_users
from tests.flow.bridge import ORIGIN
from tests.other_users import User
from tests.private_system import HOMES, PrivateSystem, available

pytestmark = pytest.mark.skipif(
    not (available() and other_users.available()), reason="two OS users need root, setpriv and namespaces"
)

USERS = {"akiko": 4711, "kenji": 4712}
MACHINE = f'[origins]\nallowed = ["{ORIGIN}"]\n[card]\npractice = true\nmodules = []\n[bridge]\nlanguage = "en"\n'
TLS = ".local/share/card-bridge/tls"
BRIDGE = (sys.executable, "-X", "utf8", "-m", "bridge.cli")
# A page of this user's browser: whether the bridge's certificate is good for it, and what it is answered.
PAGE = """
import http.client, json, ssl, sys
port, method, root = int(sys.argv[1]), sys.argv[2], sys.argv[3]
headers = {"Host": f"localhost:{port}", "Origin": sys.argv[4], "Content-Type": "application/json"}
def ask(context):
    door = http.client.HTTPSConnection("localhost", port, context=context, timeout=60)
    door.request("POST", f"/v1/{method}", "{}", headers)
    reply = door.getresponse()
    return reply.status, json.loads(reply.read())
try:
    trusted, answer = True, ask(ssl.create_default_context(cafile=root))
except ssl.SSLCertVerificationError:
    trusted, answer = False, ask(ssl._create_unverified_context())
print(json.dumps([trusted, *answer]))
"""
READ = """
import pathlib, sys
for each in map(pathlib.Path, sys.argv[1:]):
    try:
        print(each.read_bytes() and "read")
    except PermissionError:
        print("refused")
"""


class Answer(NamedTuple):
    trusted: bool
    status: int
    body: dict[str, Any]


class Person(NamedTuple):
    """One of the computer's users, at their own session."""

    system: PrivateSystem
    loopback: str
    """The network namespace's file."""
    user: User

    @property
    def home(self) -> Path:
        return self.user.home

    def command(self, *words: str) -> list[str]:
        return ["nsenter", f"--net={self.loopback}", *self.system.command(*self.user.command(*words))]

    def told(self, *words: str) -> str:
        done = subprocess.run(
            self.command(*words), env=self.user.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.stderr == "", done.stderr
        return done.stdout

    def page(self, port: int, method: str = "connect") -> Answer:
        root = str(self.home / TLS / "root.pem")
        return Answer(*json.loads(self.told(sys.executable, "-I", "-c", PAGE, str(port), method, root, ORIGIN)))

    def doctor(self) -> dict[str, str]:
        lines = json.loads(self.told(*BRIDGE, "doctor", "--json"))
        return {line["check"]: line["text"]["en"] for line in lines}

    @contextlib.contextmanager
    def bridge(self) -> Iterator[int]:
        """Its port; it runs as after signing in, with no word on the command line."""
        self.told(*BRIDGE, "practice", "insert")
        with subprocess.Popen(
            self.command(*BRIDGE, "run", "--no-tray"), env=self.user.environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                yield int(process.stdout.readline().rstrip().rstrip("/").rpartition(":")[2])
            finally:
                process.terminate()


class Desk(NamedTuple):
    person: Person
    port: int


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> PrivateSystem:
    made = PrivateSystem(tmp_path_factory.mktemp("system"), USERS)
    settings = made.real(Path("/etc/card-bridge/policy.toml"))
    settings.parent.mkdir()
    settings.write_text(MACHINE, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def loopback() -> Iterator[str]:
    command = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && read line"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "up\n"
        yield f"/proc/{holder.pid}/ns/net"
        holder.communicate()


@pytest.fixture(scope="module")
def desks(system: PrivateSystem, loopback: str) -> Iterator[tuple[Desk, Desk]]:
    akiko, kenji = (Person(system, loopback, User(name, USERS[name], HOMES / name)) for name in USERS)
    with akiko.bridge() as first, kenji.bridge() as second:
        yield Desk(akiko, first), Desk(kenji, second)


def test_the_second_users_bridge_takes_the_next_port(desks: tuple[Desk, Desk]) -> None:
    assert [desk.port for desk in desks] == [*PORTS[:2]]


def test_each_page_is_served_by_its_own_users_bridge_and_refused_by_the_others(desks: tuple[Desk, Desk]) -> None:
    for own, other in (desks, desks[::-1]):
        answer = own.person.page(own.port)
        assert (answer.trusted, answer.status) == (True, 200)
        answer = own.person.page(other.port)
        assert (answer.trusted, answer.status, answer.body["code"]) == (False, 403, "peer_refused")


def test_both_reach_their_cards_at_once(desks: tuple[Desk, Desk]) -> None:
    """The seat of the card host is per user: neither hears `busy`."""
    found = [desk.person.page(desk.port, "certificates") for desk in desks]
    assert [answer.status for answer in found] == [200, 200], found
    first, second = ({each["id"] for each in answer.body["certificates"]} for answer in found)
    assert first
    assert second
    assert not first & second


def test_the_doctor_tells_each_of_the_others_bridge(desks: tuple[Desk, Desk]) -> None:
    for own, other in (desks, desks[::-1]):
        told = own.person.doctor()
        assert told["bridge"] == f"the bridge runs (port {own.port})"
        assert told["other_user"].startswith(f"Another user's bridge runs on this computer, too (port {other.port}).")


def test_neither_reads_the_others_keys(desks: tuple[Desk, Desk], system: PrivateSystem) -> None:
    for own, other in (desks, desks[::-1]):
        folder = system.real(other.person.home / TLS)
        names = [str(other.person.home / TLS / each.relative_to(folder)) for each in folder.rglob("*.pem")]
        assert len(names) > 1
        assert set(own.person.told(sys.executable, "-I", "-c", READ, *names).split()) == {"refused"}
        assert "read" in other.person.told(sys.executable, "-I", "-c", READ, *names)
