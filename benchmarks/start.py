"""Start to listening, and memory after a request for certificates whose card host has gone, beside a bare server."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Comparison, Series
from benchmarks.processes import end_children, proportional_mebibytes
from benchmarks.rounds import often
from benchmarks.tokens import on_softhsm
from tests.flow.bridge import ORIGIN, Bridge

ROUNDS = often(15)
Request = tuple[str, str, str | None]
"""Method, path, body."""
_BARE, _OURS = "bare aiohttp TLS server", "card-bridge run --no-tray"


async def measure(directory: Path) -> list[Comparison]:
    async with on_softhsm(directory) as bridge:
        pass  # its certificates and settings are made
    commands = {
        _BARE: ["-m", "benchmarks.bare_server", str(directory / "tls")],
        _OURS: ["-m", "bridge.cli", "run", "--no-tray", "--config", str(directory / "bridge.toml")],
    }
    requests = {_BARE: ("GET", "/", None), _OURS: ("POST", "/v1/certificates", "{}")}
    starts: dict[str, list[float]] = {name: [] for name in commands}
    memory: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            milliseconds, mebibytes = _once(arguments, bridge, requests[name])
            starts[name].append(milliseconds)
            memory[name].append(mebibytes)
    return [
        _comparison("Start to listening", "ms", starts),
        _comparison("Memory (PSS) after a request, the card host gone", "MiB", memory),
    ]


def _comparison(title: str, unit: str, values: dict[str, list[float]]) -> Comparison:
    return Comparison(title, Series(_BARE, unit, values[_BARE]), Series(_OURS, unit, values[_OURS]))


def _once(arguments: list[str], bridge: Bridge, request: Request) -> tuple[float, float]:
    """Milliseconds until the ready line, and the proportional set size in MiB after one request."""
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-X", "utf8", *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = int(process.stdout.readline().rstrip().rstrip("/").rpartition(":")[2])
    milliseconds = (time.perf_counter() - begin) * 1000
    _ask(bridge, port, request)
    end_children(process.pid)
    mebibytes = proportional_mebibytes(process.pid)
    process.terminate()
    process.wait()
    process.stdout.close()
    return milliseconds, mebibytes


def _ask(bridge: Bridge, port: int, request: Request) -> None:
    connection = http.client.HTTPSConnection("localhost", port, context=bridge.tls())
    connection.request(*request, headers={"Origin": ORIGIN, "Content-Type": "application/json"})
    reply = connection.getresponse()
    assert reply.status == 200, reply.read()
    reply.read()
    connection.close()
