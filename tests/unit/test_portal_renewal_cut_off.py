"""ICカード更新 cut off in the middle: a failing database, a killed process."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.store import StoreFault
from tests.unit.renewal_world import Desk, desk


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


# Cut off


async def test_a_failure_in_the_middle_of_the_end_leaves_nothing(at: Desk) -> None:
    session = await at.handed_over()
    cms = await at.accept(session)
    await at.made.store.write(lambda db: db.execute("ALTER TABLE outbox RENAME TO away").rowcount)
    with pytest.raises(StoreFault):
        await at.renewals.acceptances.finish(session, cms)
    await at.made.store.write(lambda db: db.execute("ALTER TABLE away RENAME TO outbox").rowcount)
    assert await at.unchanged()
    assert (await at.renewals.acceptances.finish(session, cms)).registration.serial == "122"  # still unspent


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from portal.store import renewals
from portal.store import StoreFault
from tests.unit.renewal_world import desk
from tests.unit.portal_world import refused

async def main() -> None:
    async with desk(Path(sys.argv[1])) as at:
        session = await at.handed_over()
        if sys.argv[2] == "between":
            os.kill(os.getpid(), signal.SIGKILL)
        cms = await at.accept(session)
        renewals.go_on = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # the transaction's last step
        await at.renewals.acceptances.finish(session, cms)

asyncio.run(main())
"""


@pytest.mark.parametrize("moment", ["between", "before the commit"])
async def test_killed_on_the_way_the_handover_waits_and_nothing_has_changed(tmp_path: Path, moment: str) -> None:
    root = tmp_path / "killed"
    root.mkdir()
    command = [sys.executable, "-c", _KILLED, str(root), moment]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])  # noqa: ASYNC221 - a test may wait
    assert done.returncode == -signal.SIGKILL
    db = sqlite3.connect(root / "portal.sqlite3")
    assert db.execute("SELECT state, successor FROM registrations").fetchall() == [("registered", None)]
    [(acceptance, expires)] = db.execute("SELECT acceptance, expires FROM renewals").fetchall()
    assert (acceptance, expires) == (None, "2026-11-24T01:32:03.000000Z")
    assert db.execute("SELECT count(*) FROM statements WHERE type = 'handover'").fetchone() == (1,)
    assert db.execute("SELECT count(*) FROM statements WHERE type = 'acceptance'").fetchone() == (0,)
    db.close()
