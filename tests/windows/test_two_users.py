"""Two people of one terminal server, as far as Wine goes: two OS users, each with a Windows and the installed bridge.

Wine has one user a Windows. So each person's Windows belongs to an OS user of their own, and all share one loopback:
the ports lie side by side, and no bridge serves a program of the other user's.
"""

from __future__ import annotations

import http
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import other_users
from tests.other_users import User
from tests.windows.bridge_on_pc import ask, relay, wait_for
from tests.windows.conftest import copied
from tests.windows.pc import PC, hand_over, log_on, process_of, running

pytestmark = pytest.mark.skipif(not other_users.available(), reason="two OS users need root and setpriv")

USERS = {"akiko": 4711, "kenji": 4712}
# A program of Linux, which verifies nothing: what it is answered is what counts.
STRANGER = """
import http.client, json, ssl, sys
door = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context(), timeout=60)
door.request("GET", "/", headers={"Host": f"localhost:{sys.argv[1]}"})
reply = door.getresponse()
print(json.dumps([reply.status, json.loads(reply.read())["code"]]))
"""


class Desk(NamedTuple):
    user: User
    pc: PC
    port: int


@pytest.fixture(scope="module")
def desks(installed_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    first, second = (_given(installed_disk, tmp_path_factory, name) for name in USERS)
    with running(first[0], first[1]) as one, running(second[0], second[1]) as other:
        yield _signed_in(first[1], one), _signed_in(second[1], other)


def _given(disk: Path, folders: pytest.TempPathFactory, name: str) -> tuple[Path, User]:
    """That user's own Windows, switched off."""
    folder = folders.mktemp(name)
    user = User(name, USERS[name], folder / "home")
    user.home.mkdir()
    os.chown(user.home, user.number, user.number)
    hand_over(home := copied(disk, folder / "pc"), user)
    return home, user


def _signed_in(user: User, pc: PC) -> Desk:
    log_on(pc)
    return Desk(user, pc, wait_for(pc, "started")["port"])


def test_each_has_a_bridge_of_their_own_user_on_a_port_of_its_own(desks: tuple[Desk, Desk]) -> None:
    assert desks[0].port != desks[1].port
    for desk in desks:
        process = process_of(desk.pc, "card-bridge.exe run")
        uids = {line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("Uid:")}
        assert uids == {"Uid:" + f"\t{desk.user.number}" * 4}


def test_each_bridge_serves_its_own_users_programs_and_refuses_the_others(desks: tuple[Desk, Desk]) -> None:
    for own, other in (desks, desks[::-1]):
        with relay(own.pc, own.port) as carried:
            assert ask(own.pc, own.port, carried)[0] == http.HTTPStatus.OK
        with relay(other.pc, own.port) as carried:
            status, said = ask(own.pc, own.port, carried)
            assert (status, json.loads(said)["code"]) == (http.HTTPStatus.FORBIDDEN, "peer_refused")


def test_nor_does_it_serve_the_other_users_programs_of_linux(desks: tuple[Desk, Desk]) -> None:
    for own, other in (desks, desks[::-1]):
        command = other.user.command("/usr/bin/python3", "-I", "-c", STRANGER, str(own.port))
        done = subprocess.run(
            command, env=other.user.environment, capture_output=True, text=True, check=True, timeout=90
        )
        assert json.loads(done.stdout) == [403, "peer_refused"]
