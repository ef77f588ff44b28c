"""A thousand card hosts killed at once or a moment later: each request answered, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Any

from bridge.card.client import HostClient
from bridge.errors import BridgeError

KILLS = 1000


def children() -> set[int]:
    """This process's children, zombies too (proc(5))."""
    return set(map(int, Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="ascii").split()))


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def killed(client: HostClient, others: set[int]) -> tuple[int, str]:
    """One request whose hosts are killed as soon as they are seen: how many, and the code it was answered with."""
    asking = asyncio.create_task(client.call("certificates", {}))
    dead: set[int] = set()
    while not asking.done():
        for pid in children() - others - dead:
            # One that was killed a moment ago may be reaped between the look and the kill.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                dead.add(pid)
        await asyncio.sleep(0)
    failed = asking.exception()
    assert isinstance(failed, BridgeError), failed
    return len(dead), failed.code


async def test_no_zombie_and_no_descriptor_after_a_thousand_kills(tmp_path: Path) -> None:
    config = tmp_path / "bridge.toml"
    config.write_text(f'[card]\npractice = true\nmodules = []\ndirectory = "{tmp_path}"\n', encoding="utf-8")
    events: list[dict[str, Any]] = []
    client, others = HostClient(config, 30.0, 60.0, events.append), children()
    kills, _ = await killed(client, others)  # whatever is opened once is open now
    before = descriptors()
    while kills < KILLS:
        more, code = await killed(client, others)
        assert code == "module_failed"
        kills += more
    await client.close()
    assert children() <= others
    assert descriptors() <= before
