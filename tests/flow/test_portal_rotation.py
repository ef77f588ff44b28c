"""The log in a file, turned over by logrotate while bidders register: no line lost, no restart, rights kept."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.flow.portal_crowd import Crowd
from tests.flow.portal_judge import judge
from tests.flow.portal_program import contractor, settled, started
from tests.unit.portal_world import World, world

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "card-bridge-portal.logrotate"


@pytest_asyncio.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.store.import_contractors([contractor(number) for number in range(100)])
        yield found


def _rules(root: Path, log: Path) -> Path:
    """The example, for this file, whose folder needs no other user to write into it."""
    lines = EXAMPLE.read_text(encoding="utf-8").replace("/var/log/card-bridge-portal/portal.log {", f"{log} {{")
    rules = root / "rules"
    rules.write_text("".join(line for line in lines.splitlines(keepends=True) if "    su " not in line))
    rules.chmod(0o600)
    return rules


def _turn_over(root: Path, rules: Path) -> None:
    command: list[str | Path] = ["/usr/sbin/logrotate", "--force", "--state", root / "state", rules]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


async def test_logrotate_turns_the_log_over_while_bidders_register(made: World) -> None:
    folder = made.root / "log"
    folder.mkdir(mode=0o750)
    log, rules = folder / "portal.log", _rules(made.root, folder / "portal.log")
    settings = settled(made, f'[log]\nfile = "{log}"')
    with (made.root / "stderr").open("wb") as stderr:
        async with started(made, log=stderr) as portal:
            crowd = Crowd(made, [portal.address])
            async with crowd.busy():
                for _ in range(4):
                    await crowd.more(3)
                    await asyncio.to_thread(_turn_over, made.root, rules)
                await crowd.more(3)
            await portal.end()
    files = sorted(folder.iterdir())
    assert len(files) == 5
    assert sum(file.suffix == ".gz" for file in files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o640}
    assert (made.root / "stderr").read_bytes() == b""
    assert _acts(files) == len(crowd.ledger.told)
    await judge(settings, made.root / "portal.sqlite3", crowd.ledger)


def _acts(files: list[Path]) -> int:
    """Every line is whole; how many tell of an act that was acknowledged."""
    texts = (gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in files)
    events = [json.loads(line)["event"] for text in texts for line in text.splitlines()]
    return sum(event in ("accepted", "handed over", "renewed") for event in events)
