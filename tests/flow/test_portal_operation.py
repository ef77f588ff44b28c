"""The portal as those see it who run it: health, readiness, figures, systemd, and a portal for practice beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from portal.mail.sending import make_sender
from portal.operation.practice import practising
from tests.flow.portal_program import started
from tests.flow.test_portal_serve import settings_file
from tests.running_demo import free_port
from tests.unit.portal_world import World, world

UNITS = Path(__file__).parents[2] / "docs" / "examples"


class Running(NamedTuple):
    client: ClientSession
    portal: str
    watch: str

    async def ready(self) -> tuple[int, dict[str, Any]]:
        async with self.client.get(f"{self.watch}/readyz") as response:
            return response.status, await response.json()

    async def figures(self) -> dict[tuple[str, tuple[str, ...]], float]:
        """By name and the values of its labels, in the order of the labels' names."""
        async with self.client.get(f"{self.watch}/metrics") as response:
            assert (response.status, response.content_type) == (200, "text/plain")
            families = text_string_to_metric_families(await response.text())
            return {
                (each.name, tuple(value for _, value in sorted(each.labels.items()))): each.value
                for one in families
                for each in one.samples
            }


@contextlib.asynccontextmanager
async def running(made: World, *options: str, notify: str = "", watch: str = "") -> AsyncIterator[Running]:
    """The portal as a program, watched; ended by SIGTERM."""
    settings, port = settings_file(made), free_port()
    with settings.open("a", encoding="utf-8") as file:
        file.write(f"[hours]\nalways_open = true\n[watch]\nport = {port}\n{watch}\n")
    env = {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": notify}
    async with started(made, options=options, env=env) as portal:
        try:
            async with ClientSession(connector=portal.connector, connector_owner=False) as client:
                yield Running(client, portal.address, f"http://127.0.0.1:{port}")
        finally:
            await portal.end()


async def test_a_portal_tells_systemd_and_prometheus_how_it_stands(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(address)
        line.settimeout(60)
        async with world(tmp_path) as made, running(made, notify=address) as portal:
            assert await asyncio.to_thread(line.recv, 100) == b"READY=1"
            async with portal.client.get(f"{portal.watch}/healthz") as response:
                assert (response.status, await response.text()) == (200, "ok\n")
            status, said = await portal.ready()
            assert (status, said["ready"], said["faults"]) == (200, True, [])
            for path in ("/", "/", "/registration/form", "/nowhere/0123456789", "/nowhere/9876543210"):
                await (await portal.client.get(portal.portal + path)).read()
            figures = await portal.figures()
        assert await asyncio.to_thread(line.recv, 100) == b"STOPPING=1"
    assert figures["portal_requests_total", ("GET", "/", "200")] == 2
    assert figures["portal_requests_total", ("other", "other", "404")] == 2
    assert figures["portal_refusals_total", ("not_found",)] == 2
    assert figures["portal_request_seconds_count", ("/",)] == 2
    assert figures["portal_mails_waiting", ()] == 0
    assert figures["portal_database_bytes", ()] > 4096
    ((_, (issuer,)),) = [key for key in figures if key[0] == "portal_revocation_list_ends"]
    assert issuer
    assert not any("0123456789" in str(key) for key in figures)


@pytest.mark.parametrize("watch", ["free_mebibytes = 1000000000"])
async def test_a_disk_that_is_nearly_full_is_not_ready(watch: str, tmp_path: Path) -> None:
    async with world(tmp_path) as made, running(made, watch=watch) as portal:
        status, said = await portal.ready()
    assert (status, said["ready"]) == (503, False)
    assert "MiB free on the database's disk" in said["faults"][0]


async def test_what_else_keeps_a_portal_from_being_ready(tmp_path: Path) -> None:
    """No anchor; a database that another program holds for itself. Lists of yesterday are a warning."""
    async with world(tmp_path) as made:
        for path in made.trust.folders.anchors.iterdir():
            path.unlink()
        async with running(made) as portal:
            with contextlib.closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as other:
                other.execute("BEGIN IMMEDIATE")
                status, said = await portal.ready()
    assert status == 503
    assert [fault.partition(":")[0] for fault in said["faults"]] == [
        "the database took nothing within 5 s",
        "no trust anchor",
    ]
    (warning,) = said["warnings"]
    assert warning.startswith("no current revocation list of ")


async def test_a_portal_for_practice_leaves_the_real_one_alone(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        before = (tmp_path / "portal.sqlite3").read_bytes()
        async with running(made, "--practice") as portal, portal.client.get(portal.portal) as response:
            assert "これは練習用の画面です" in await response.text()
        assert (tmp_path / "portal-practice.sqlite3").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "portal.sqlite3").read_bytes() == before


async def test_mails_for_practice_go_into_a_folder_though_no_sender_is_set(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        assert made.portal.settings.mail.sender == ""
        await made.register()
        sender = make_sender(practising(made.portal.settings), made.store)
        assert sender is not None
        assert (await sender.drain()).sent == 1
    (mail,) = (tmp_path / "portal-practice-mail").iterdir()
    assert "From: practice@portal.invalid" in mail.read_text(encoding="utf-8")


@pytest.mark.parametrize("unit", ["card-bridge-portal.service", "card-bridge-portal@.service"])
def test_the_example_for_systemd_is_one_that_it_accepts(tmp_path: Path, unit: str) -> None:
    """With the service's user and program replaced by what is there."""
    program = tmp_path / "card-bridge"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    example = UNITS / unit
    text = example.read_text(encoding="utf-8")
    made = tmp_path / unit.replace("@", "@1")
    made.write_text(
        text.replace("/opt/card-bridge/bin/card-bridge", str(program)).replace("=card-bridge-portal", "=root", 1)
    )
    verify = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", made], capture_output=True, text=True, check=False
    )
    assert (verify.returncode, verify.stdout + verify.stderr) == (0, "")
    judged: list[str | Path] = [
        "systemd-analyze",
        "security",
        "--offline=true",
        "--json=short",
        "--threshold=25",
        example,
    ]
    done = subprocess.run(judged, capture_output=True, text=True, check=False)
    assert done.returncode == 0, [each for each in json.loads(done.stdout) if each["set"] is False]
