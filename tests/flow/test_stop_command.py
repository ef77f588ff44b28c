"""`card-bridge stop`: a bridge told from outside to end closes its window as by Cancel, and says when it has gone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.card.safety.seat import Seat
from tests.flow.bridge import gone, is_alive, prepare, statement
from tray.stop import mark

ENDED = "No card bridge is running.\n"
_CLI = (sys.executable, "-X", "utf8", "-m", "bridge.cli")


async def stop(directory: Path) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(*_CLI, "stop", "--config", str(directory / "bridge.toml")),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"LANG": "en_US.UTF-8"},
    )
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode, said.decode()


async def test_a_bridge_told_to_end_closes_its_window_without_a_try(tmp_path: Path) -> None:
    bridge = prepare(tmp_path)
    await bridge.start(bridge={"language": "en"})
    bridge.plan("wait")
    async with bridge.page() as page:
        asked = asyncio.create_task(
            page.post("sign", {"certificate": await page.certificate(), "statement": statement()})
        )
        window = await bridge.open_window(1)
        assert await stop(tmp_path) == (0, ENDED)
        assert await gone(window)
        await asyncio.gather(asked, return_exceptions=True)
    assert bridge.process is not None
    assert await asyncio.wait_for(bridge.process.wait(), 10) == 0
    assert bridge.tries_left == 3
    assert await stop(tmp_path) == (0, ENDED), "with none running there is nothing to do"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs proc(5)")
def test_a_number_left_by_an_earlier_bridge_ends_nobody(tmp_path: Path) -> None:
    lock = tmp_path / "running.lock"
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            seat = Seat(lock, lambda: None)
            seat.take()
            lock.write_text(f"{stranger.pid}\n", encoding="ascii")
            assert not mark.end(lock, 1, sleep=lambda _: None)
            assert is_alive(stranger.pid)
            seat.leave()
            assert mark.end(lock, 1, sleep=lambda _: None)
        finally:
            stranger.kill()
