"""Three processes of the portal on PostgreSQL behind nginx, by the example as it stands: only ports and paths are the
test's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, FormData, TCPConnector
from cryptography.hazmat.primitives import serialization

from portal import cli
from portal.store import schema
from tests.flow.portal_crowd import Crowd
from tests.flow.portal_program import Program, contractor, settled, signed, started, trusting
from tests.flow.portal_site import Remote, Visitor
from tests.postgresql import Cluster
from tests.running_demo import free_port
from tests.unit import portal_pki as pki
from tests.unit import portal_world
from tests.unit.portal_world import World, world

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "nginx.conf"
pytestmark = pytest.mark.asyncio(loop_scope="module")
PROCESSES = 3
_MORE = """
[mail]
folder = "mails"
sender = "portal@city.example.jp"
poll_seconds = 1
[verification]
per_minute = 1
"""
_AROUND = """
daemon off; pid {root}/nginx.pid; error_log {root}/nginx-error.log; worker_processes 1; {user}
events {{}}
http {{
    log_format served '$request_method $uri $status $upstream_addr';
    access_log {root}/served.log served;
    client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
    uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
    include {root}/example.conf;
}}
"""


def _free_ports() -> int:
    """A port after which as many are free as there are processes."""
    while True:
        first = free_port()
        with contextlib.suppress(OSError, OverflowError), contextlib.ExitStack() as held:
            for port in range(first + 1, first + 1 + PROCESSES):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first


@dataclass
class Site:
    """The portal as bidders reach it, and its processes by number."""

    made: World
    first: int
    address: str
    processes: dict[int, Program] = field(default_factory=dict)
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def start(self, number: int) -> None:
        program = started(self.made, options=("--instance", str(number)))
        self.processes[number] = await self._stack.enter_async_context(program)

    @contextlib.asynccontextmanager
    async def visitor(self, source: str = "127.0.0.1") -> AsyncIterator[Visitor]:
        connector = TCPConnector(ssl=trusting(self.made), local_addr=(source, 0))
        async with ClientSession(connector=connector) as session:
            yield Visitor(self.made, Remote(session, self.address))

    def served(self) -> list[tuple[str, str, str, list[int]]]:
        """Method, path, status, and by which processes, of each request so far."""
        lines = (self.made.root / "served.log").read_text().splitlines()
        found = (line.split(" ", 3) for line in lines)
        return [
            (method, path, status, [int(port) - self.first for port in re.findall(r":(\d+)", by)])
            for method, path, status, by in found
        ]

    def faults(self) -> list[tuple[str, str, str, list[int]]]:
        """Requests that no process answered. (503 is the portal's own word, of a database that is too busy.)"""
        return [each for each in self.served() if each[2] in ("500", "502", "504")]


def _recipe(root: Path, first: int, port: int) -> None:
    """The example with the test's ports and paths."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for number in range(1, PROCESSES + 1):
        text = text.replace(f"127.0.0.1:{22443 + number} ", f"127.0.0.1:{first + number} ")
    text = re.sub(r"listen (\[::\]:)?80;", f"listen 127.0.0.1:{free_port()};", text, count=1)
    text = re.sub(r"\n    listen \[::\]:.*;", "", text)
    text = text.replace("listen 443 ", f"listen 127.0.0.1:{port} ").replace("portal.city.example.jp;", "localhost;")
    text = text.replace("/etc/ssl/portal.city.example.jp/chain.pem", f"{root}/portal.pem")
    text = text.replace("/etc/ssl/private/portal.city.example.jp.key", f"{root}/portal.key")
    text = text.replace("/etc/card-bridge/portal-authority.pem", f"{root}/authority.pem")
    (root / "example.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""  # its workers read what pytest made
    (root / "nginx.conf").write_text(_AROUND.format(root=root, user=user), encoding="utf-8")


@contextlib.contextmanager
def _nginx(root: Path, port: int) -> Iterator[None]:
    command = ["nginx", "-p", str(root), "-c", str(root / "nginx.conf"), "-e", str(root / "nginx-error.log")]
    process = subprocess.Popen(command)
    try:
        _await_port(port, process, root)
        yield
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(60)


def _await_port(port: int, process: subprocess.Popen[bytes], root: Path) -> None:
    while True:
        assert process.poll() is None, (root / "nginx-error.log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One for all: each test has bidders of its own, and leaves every process running."""
    name, root = cluster.prepared("tables", schema.migrate), tmp_path_factory.mktemp("nginx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portal_world, "elsewhere", cluster.url(name))
        async with _running(root) as found:
            yield found
    cluster.drop(name)


@contextlib.asynccontextmanager
async def _running(root: Path) -> AsyncIterator[Site]:
    first, port = _free_ports(), free_port()
    async with world(root) as made:
        await made.store.import_contractors([contractor(number) for number in range(60)])
        settled(made)
        file = root / "portal.toml"
        listening = f'[listen]\nport = {first}\nproxies = ["127.0.0.1"]'
        text = file.read_text(encoding="utf-8").replace("[listen]\nport = 0", listening, 1)
        file.write_text(text + _MORE, encoding="utf-8")
        authority = made.authority.certificate.public_bytes(serialization.Encoding.PEM)
        (root / "authority.pem").write_bytes(authority)
        _recipe(root, first, port)
        found = Site(made, first, f"https://localhost:{port}")
        async with found._stack:
            await asyncio.gather(*(found.start(number) for number in range(1, PROCESSES + 1)))
            with _nginx(root, port):
                yield found


async def _judged(site: Site) -> None:
    """Everything that was stored holds."""
    config = str(site.made.root / "portal.toml")
    assert await asyncio.to_thread(cli.main, ["verify-archive", "--config", config]) == 0


async def test_each_request_may_reach_another_process(site: Site) -> None:
    card, before = site.made.authority.issue(5000, key=pki.rsa_key("card")), len(site.served())
    async with site.visitor() as person:
        cms = await signed(person, 0, card)
        status, answer = await person.finish("registration", cms)
        assert status == 200, answer
        assert (await person.finish("registration", cms))[1] == answer
    road = [by for _, path, _, by in site.served()[before:] if path.startswith(("/registration", "/api"))]
    assert len(road) > 8
    assert {number for by in road for number in by} == {1, 2, 3}
    assert all(len(by) == 1 for by in road)
    assert all(here != after for here, after in pairwise(road))  # each by another one
    assert not site.faults()
    await _judged(site)


async def _kill(site: Site, number: int) -> None:
    await site.processes[number].kill()


async def test_a_process_that_is_killed_is_noticed_by_no_bidder(site: Site) -> None:
    """Also by none whose signed statement it had in its hands."""
    cards = [site.made.authority.issue(5100 + number, key=pki.rsa_key("card")) for number in range(PROCESSES)]
    async with contextlib.AsyncExitStack() as stack:
        people = [await stack.enter_async_context(site.visitor()) for _ in cards]
        signatures = [await signed(person, 1 + at, cards[at]) for at, person in enumerate(people)]
        site.processes[2].process.send_signal(signal.SIGSTOP)
        sent = [
            asyncio.create_task(one.finish("registration", cms)) for one, cms in zip(people, signatures, strict=True)
        ]
        done, held = await asyncio.wait(sent, timeout=20, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < PROCESSES - 1:
            more, held = await asyncio.wait(held, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        assert len(held) == 1  # by the one that stands still
        await _kill(site, 2)
        answers = await asyncio.wait_for(asyncio.gather(*sent), 60)
        assert [status for status, _ in answers] == [200] * PROCESSES, answers
        assert len({answer["companyId"] for _, answer in answers}) == PROCESSES
        for person in people:
            assert (await person.get("/registration/menu")).status == 200
    assert any(by[0] == 2 and len(by) > 1 for _, path, _, by in site.served() if path.endswith("/finish"))
    assert not site.faults()
    await _judged(site)
    await site.start(2)


async def test_a_rolling_restart_is_noticed_by_nobody_and_each_mail_goes_once(site: Site) -> None:
    crowd = Crowd(site.made, [site.address], bidders=3, begin=10)
    async with crowd.busy():
        for number in range(1, PROCESSES + 1):
            await site.processes[number].end()
            await crowd.more(1)
            await site.start(number)
    assert not crowd.ledger.refused
    assert not site.faults()
    stored = await site.made.store.read(
        lambda db: {row[0] for row in db.execute("SELECT sha256 FROM statements").fetchall()}
    )
    assert set(crowd.ledger.told) <= stored
    await _judged(site)
    waiting = "SELECT count(*) FROM outbox WHERE state <> 'sent'"
    async with asyncio.timeout(60):
        while (await site.made.store.read(lambda db: db.execute(waiting).fetchone()))[0]:  # noqa: ASYNC110 - others send
            await asyncio.sleep(0.2)
    mails = [message_from_bytes(path.read_bytes())["Message-ID"] for path in (site.made.root / "mails").iterdir()]
    assert len(mails) == len(set(mails)) == await site.made.count("outbox") > 0


async def _ask(person: Visitor, claimed: str) -> int:
    form = FormData()
    form.add_field("file", b"no signature", filename="x.p7m")
    headers = {"Origin": pki.ORIGIN, "X-Forwarded-For": claimed}
    async with person.client.post("/verification", data=form, headers=headers) as response:
        return int(response.status)


async def test_whoever_claims_another_address_is_counted_by_the_own_one(site: Site) -> None:
    async with site.visitor() as person, site.visitor("127.0.0.2") as other:
        asked = [await _ask(person, f"192.0.2.{number}") for number in range(2 * PROCESSES)]
        assert asked.count(429) >= PROCESSES  # one a minute at each process, and a minute may have begun anew
        assert await _ask(other, "127.0.0.1") != 429
