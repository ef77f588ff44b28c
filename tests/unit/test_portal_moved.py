"""A portal after its move to PostgreSQL: the archive is the same, and it goes on where it was."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from portal import cli
from portal.store import State
from tests.unit.renewal_world import desk


async def test_the_archive_is_the_same_and_the_portal_goes_on(
    tmp_path: Path, postgresql: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Registration, renewal with a hand-over and an acceptance, and others' registrations before and after."""
    async with desk(tmp_path) as at:
        made, config = at.made, tmp_path / "portal.toml"
        await at.renew()
        before = await made.register(made.authority.issue(77))
        await made.store.close()

        async def run(command: str, *arguments: str) -> int:
            return await asyncio.to_thread(cli.main, [command, "--config", str(config), *arguments])

        def settle(database: str) -> None:
            folders = made.trust.folders
            names = ("anchors", "intermediates", "crls")
            lines = [f"{name} = {json.dumps(str(getattr(folders, name)))}" for name in names]
            config.write_text("\n".join([f'database = "{database}"', "[trust]", *lines]), encoding="utf-8")

        settle("portal.sqlite3")
        assert await run("export", str(tmp_path / "before")) == 0
        assert await run("move-database", postgresql) == 0
        line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("database = "))
        settle(line.split('"')[1])
        assert await run("export", str(tmp_path / "after")) == 0
        assert await run("verify-archive") == 0
        assert await run("verify-archive", "--folder", str(tmp_path / "after")) == 0
        sums = [(tmp_path / name / "SHA256SUMS").read_bytes() for name in ("before", "after")]
        assert sums[0] == sums[1]
        assert sums[0].count(b"\n") > 8

        made.configure(database=postgresql)
        await made.restart()
        (old, *_) = await made.store.registrations_of(at.registration.company_id)
        assert old.state is State.REPLACED
        assert before in await made.store.registrations_of(before.company_id)
        after = await made.register(made.authority.issue(78))
        assert after.reception > before.reception
