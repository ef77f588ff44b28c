"""`make bench`: start to listening, idle memory, and the latency of a signed statement, each beside its floor.

Linux only (memory from /proc). The signature's floor is the bare python-pkcs11 call on the same SoftHSM token.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.bare_signer import bare_signer
from benchmarks.figures import Series, print_beside
from tests.flow.bridge import ORIGIN, Bridge, Page, Socket, prepare, statement
from tests.virtual import pki, softhsm

ROUNDS = 9
SIGNATURES = 300
PIN = "246810"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        start, sign = Path(name, "start"), Path(name, "sign")
        for directory in (start, sign):
            directory.mkdir()
        asyncio.run(_start_and_memory(start))
        asyncio.run(_signatures(sign))
    return 0


async def _start_and_memory(directory: Path) -> None:
    bridge = prepare(directory)
    await bridge.start(card={"practice": False})
    await bridge.stop()
    config = str(directory / "bridge.toml")
    commands = {
        "bare aiohttp TLS server": ["-m", "benchmarks.bare_server", str(directory / "tls")],
        "card-bridge run --no-tray": ["-m", "bridge.cli", "run", "--no-tray", "--config", config],
    }
    starts: dict[str, list[float]] = {name: [] for name in commands}
    memory: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            seconds, mebibytes = _measure(arguments, bridge)
            starts[name].append(seconds * 1000)
            memory[name].append(mebibytes)
    bare, ours = commands
    print_beside("Start to listening", Series(bare, "ms", starts[bare]), Series(ours, "ms", starts[ours]))
    print_beside("Idle memory (PSS)", Series(bare, "MiB", memory[bare]), Series(ours, "MiB", memory[ours]))


def _measure(arguments: list[str], bridge: Bridge) -> tuple[float, float]:
    """Seconds until the ready line, and the proportional set size in MiB after one request."""
    import http.client

    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-X", "utf8", *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = int(process.stdout.readline().rstrip().rstrip("/").rpartition(":")[2])
    seconds = time.perf_counter() - begin
    connection = http.client.HTTPSConnection("localhost", port, context=bridge.tls())
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()
    time.sleep(0.2)
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
    kibibytes = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    process.terminate()
    process.wait()
    process.stdout.close()
    return seconds, kibibytes / 1024


async def _signatures(directory: Path) -> None:
    os.environ.update(_token(directory / "token"))
    bridge = prepare(directory)
    bridge.plan(f"pin {PIN}")
    await bridge.start(
        origins={"allowed": [ORIGIN], "silent": [ORIGIN]}, card={"practice": False, "modules": [str(softhsm.LIBRARY)]}
    )
    try:
        async with bridge.page() as page, page.socket() as socket:
            print_beside("Signed statement, PIN session open", *await _compare(page, socket))
    finally:
        await bridge.stop()


def _token(directory: Path) -> dict[str, str]:
    """A SoftHSM token with an RSA-2048 key; returns the environment that names it."""
    directory.mkdir()
    now = datetime.now(UTC)
    return softhsm.make(directory, pki.card_key(pki.Authority.fresh(now), pki.rsa_key(), now), PIN)


async def _compare(page: Page, socket: Socket) -> list[Series]:
    certificate = await page.certificate()
    opened = await page.result("sign", _request(certificate, keepPinSession=True))
    bare: list[float] = []
    ours: list[float] = []
    with bare_signer(PIN) as sign:
        for number in range(SIGNATURES + 20):
            request = _request(certificate, pinSession=opened["pinSession"])
            bare.append(sign())
            begin = time.perf_counter()
            await socket.ask(number, "sign", request)
            reply = await socket.reply(number)
            ours.append((time.perf_counter() - begin) * 1000)
            assert "result" in reply, reply
    return [
        Series("bare python-pkcs11 sign (RSA-2048)", "ms", bare[20:]),
        Series("page → bridge → card → CMS (WebSocket)", "ms", ours[20:]),
    ]


def _request(certificate: str, **more: Any) -> dict[str, Any]:
    lines = [{"label": f"項目{number}", "value": "北東市中央町2丁目3番4号"} for number in range(28)]
    payload = {"sections": [{"label": "企業情報", "value": lines}]}
    return {"certificate": certificate, "statement": statement(payload=payload), **more}


if __name__ == "__main__":
    sys.exit(main())
