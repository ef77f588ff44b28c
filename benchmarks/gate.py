"""What the gate costs: whose connection it is, beside /proc; what an idle TLS connection holds, beside bare aiohttp."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import sys
import time
from pathlib import Path

from benchmarks.figures import Comparison, Series
from benchmarks.processes import proportional_mebibytes
from benchmarks.rounds import often
from bridge.gate.peers import proc_uid, sock_diag_uid
from tests.flow.bridge import Bridge, prepare

LOOKS, CONNECTIONS, ROUNDS = often(2000), 200, often(3)


async def measure(directory: Path) -> list[Comparison]:
    return [_looks(), await _idle_connections(directory)]


def _looks() -> Comparison:
    """Milliseconds to find the OS user of one accepted connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with socket.create_connection(address) as client, listener.accept()[0]:
            peer = client.getsockname()
            found: dict[str, list[float]] = {"/proc/net/tcp": [], "netlink SOCK_DIAG": []}
            for _ in range(LOOKS):
                for name, look in zip(found, (proc_uid, sock_diag_uid), strict=True):
                    begin = time.perf_counter()
                    assert look(peer, address) == os.getuid()
                    found[name].append((time.perf_counter() - begin) * 1000)
    floor, ours = (Series(name, "ms", values) for name, values in found.items())
    return Comparison("Whose connection it is, per connection", floor, ours)


async def _idle_connections(directory: Path) -> Comparison:
    bridge = prepare(directory)
    await bridge.start(card={"practice": False})
    await bridge.stop()
    commands = {
        "bare aiohttp TLS server": ["-m", "benchmarks.bare_server", str(directory / "tls")],
        "card-bridge run --no-tray": ["-m", "bridge.cli", "run", "--no-tray", "--config", f"{directory}/bridge.toml"],
    }
    series: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            series[name].append(await _kilobytes_each(arguments, bridge))
    floor, ours = (Series(name, "kB", values) for name, values in series.items())
    return Comparison(f"{CONNECTIONS} idle TLS connections, each", floor, ours)


async def _kilobytes_each(arguments: list[str], bridge: Bridge) -> float:
    command = [sys.executable, "-X", "utf8", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    port = int((await process.stdout.readline()).decode().rstrip().rstrip("/").rpartition(":")[2])
    trust = bridge.tls()
    (await _connect(port, trust)).close()
    before = proportional_mebibytes(process.pid)
    idle = [await _connect(port, trust) for _ in range(CONNECTIONS)]
    held = proportional_mebibytes(process.pid) - before
    for writer in idle:
        writer.close()
    process.terminate()
    await process.wait()
    return held * 1024 * 1.024 / CONNECTIONS


async def _connect(port: int, trust: ssl.SSLContext) -> asyncio.StreamWriter:
    _, writer = await asyncio.open_connection("localhost", port, ssl=trust)
    return writer
