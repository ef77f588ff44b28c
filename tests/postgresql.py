"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on a Unix socket alone unless it is asked for
another door, that a test may kill.

One for each process of the test runner, made when the first test asks; each test has a fresh database in it. Its
default collation is not byte order, so that what relies on the database's default is seen.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

USER = "portal"
_ACCOUNT = "postgres"  # who runs it where tests run as root; the server refuses to be root
_SECONDS = 60
_ROOM = 1 << 30  # octets; a container often has next to nothing there
_SETTINGS = ("fsync=on", "synchronous_commit=on", "shared_buffers=32MB", "max_connections=60")


class Door(NamedTuple):
    """On 127.0.0.1, by TLS and password (SCRAM) alone. The server's certificate and key, PEM."""

    port: int
    certificate: bytes
    key: bytes


def _spot() -> str | None:
    """Memory where there is enough of it: every table is some flushed files, and no test cuts the power."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM else None


class Cluster:
    """Runs once it is made; `close` removes it with all that it holds. `spot`: the folder to make it in; `door`: one
    beside the socket, over which everybody is let in.
    """

    def __init__(self, spot: str | None = None, door: Door | None = None) -> None:
        self.folder = Path(
            tempfile.mkdtemp(prefix="pg", dir=spot or _spot())
        )  # short: a socket's path has under 108 bytes
        self._names = count(1)
        self._templates: dict[str, str] = {}
        self._server: subprocess.Popen[bytes] | None = None
        if os.getuid() == 0:
            shutil.chown(self.folder, _ACCOUNT)
        # ICU's root collation, which needs no locale of the system's, puts "a" before "B".
        order = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=und")
        self._run("initdb", "--auth=trust", f"--username={USER}", "--no-sync", *order, "-D", str(self._data))
        self.port = door.port if door else 5432  # names the socket, too
        self._listening: tuple[str, ...] = self._opened(door) if door else ("listen_addresses=",)
        self.start()

    def _opened(self, door: Door) -> tuple[str, ...]:
        """The settings for it; its files are written."""
        files = {"server.crt": door.certificate, "server.key": door.key}
        files["pg_hba.conf"] = b"local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        for name, content in files.items():
            file = self._data / name
            file.write_bytes(content)
            file.chmod(0o600)
            if os.getuid() == 0:
                shutil.chown(file, _ACCOUNT)
        return ("listen_addresses=127.0.0.1", "ssl=on")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @cached_property
    def _programs(self) -> Path:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
        assert found, "no PostgreSQL: sh scripts/packages.sh test"
        return found[-1].parent

    def _command(self, program: str, *arguments: str, leash: str = "keep") -> list[str]:
        """As an unprivileged user; `leash`: the signal that it gets when the tests' process ends before it."""
        account = pwd.getpwnam(_ACCOUNT) if os.getuid() == 0 else None
        user = [] if account is None else [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        return ["setpriv", *user, "--pdeathsig", leash, "--", str(self._programs / program), *arguments]

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            self._command(program, *arguments), capture_output=True, text=True, timeout=_SECONDS, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Ready for connections afterwards, recovered where it was killed. It ends with the thread that calls this."""
        options = [part for setting in (*_SETTINGS, *self._listening) for part in ("-c", setting)]
        place = ("-D", str(self._data), "-k", str(self.folder), "-p", str(self.port))
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                self._command("postgres", *place, *options, leash="INT"), stdout=log, stderr=log, cwd="/"
            )
        self._await_readiness(self._server)

    def _await_readiness(self, server: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _SECONDS
        asking = (str(self._programs / "pg_isready"), "-q", *self._to("postgres"))
        while subprocess.run(asking, check=False).returncode:
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError((self.folder / "log").read_text(errors="replace"))
            time.sleep(0.02)

    def stop(self) -> None:
        """Ended in order; whoever is connected is cut off."""
        self._end(signal.SIGINT)

    def stop_at_once(self) -> None:
        """PostgreSQL's immediate stop: each process drops what it does, and the next start recovers."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """Every process of it at once, as when a machine's memory is full. What was committed stays."""
        assert self._server is not None
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text().split()
        self._server.kill()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self._server.wait(_SECONDS)
        self._server = None

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(_SECONDS)
            self._server = None

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What `psql` prints for it, unaligned and without headings."""
        return self._run("psql", *self._to(database), "-XAtq", "-c", statement).strip()

    def _to(self, database: str) -> tuple[str, ...]:
        return ("-h", str(self.folder), "-p", str(self.port), "-U", USER, "-d", database)

    def url(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self.folder}&port={self.port}"

    def create(self, template: str = "template0") -> str:
        """The name of a new database."""
        name = f"test{next(self._names)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def prepared(self, kind: str, prepare: Callable[[str], object]) -> str:
        """The name of a new database that is a copy of the one that `prepare(url)` filled, which runs once a kind."""
        if kind not in self._templates:
            template = self.create()
            prepare(self.url(template))
            self._templates[kind] = template
        return self.create(self._templates[kind])

    def drop(self, name: str) -> None:
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        self.stop_at_once()  # nobody will want what it holds
        shutil.rmtree(self.folder)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster of this process. A test that stops or kills it starts it again."""
    made = Cluster()
    yield made
    made.close()


@pytest.fixture
def postgresql(cluster: Cluster) -> Iterator[str]:
    """The URL of an empty database."""
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)
