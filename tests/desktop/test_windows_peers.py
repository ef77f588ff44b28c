"""Whose a connection is, as Windows tells: a program of the same Windows is ours, one of nobody we know is not.

Wine names the process of a connection over IPv4 once it has sent something. It names none over IPv6, nor for a program
of Linux: those cases are shown as refusals here, and for real Windows stand in docs/windows-test-plan.md.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from tests.desktop import wine
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

HOSTS: Final = {"4": "127.0.0.1", "6": "::1"}
PYTHON: Final = ("wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8")
STAYS: Final = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as connection:
    connection.sendall(b"x")
    sys.stdin.read()
"""
CLOSES: Final = STAYS.replace("sys.stdin.read()", "")


@contextlib.contextmanager
def program(system: System, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python of Windows; told to end by the end of its stdin."""
    with subprocess.Popen(
        [*PYTHON, *arguments], env=system.env,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


class Listener:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.ports: dict[str, int] = json.loads(self._said())

    def is_same_user(self, family: str) -> bool:
        """Of the connection that came next over this family."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{family}\n")
        self._process.stdin.flush()
        return bool(json.loads(self._said()))

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@pytest.fixture(scope="module")
def listener(system: System) -> Iterator[Listener]:
    with program(system, "-m", "tests.desktop.windows_listener") as process:
        yield Listener(process)


def test_a_program_of_the_same_user_is_ours(system: System, listener: Listener) -> None:
    with program(system, "-c", STAYS, HOSTS["4"], str(listener.ports["4"])):
        assert listener.is_same_user("4")


@pytest.mark.parametrize("family", HOSTS)
def test_a_program_that_windows_does_not_know_is_refused(listener: Listener, family: str) -> None:
    with socket.create_connection((HOSTS[family], listener.ports[family])) as connection:
        connection.sendall(b"x")
        assert not listener.is_same_user(family)


@pytest.mark.parametrize("family", HOSTS)
def test_a_program_that_has_closed_its_connection_is_refused(system: System, listener: Listener, family: str) -> None:
    with program(system, "-c", CLOSES, HOSTS[family], str(listener.ports[family])) as client:
        assert client.wait(60) == 0
        assert not listener.is_same_user(family)
