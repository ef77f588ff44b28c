"""PostgreSQL killed while bidders register, change and renew: what was acknowledged is there, and nothing by half."""

from __future__ import annotations

import asyncio
from pathlib import Path

from portal import cli
from portal.store.database import Database
from tests.flow.portal_crowd import Crowd
from tests.flow.portal_program import contractor, settled, started
from tests.postgresql import Cluster
from tests.unit.portal_world import world

KILLS = 2


def _halves(db: Database) -> list[int]:
    """Registrations without a line of history, statements of procedures that nothing rests on."""
    queries = (
        "SELECT count(*) FROM registrations r WHERE NOT EXISTS"
        " (SELECT 1 FROM history h WHERE h.statement = r.statement)",
        "SELECT count(*) FROM statements s WHERE s.type = 'registration' AND NOT EXISTS"
        " (SELECT 1 FROM history h WHERE h.statement = s.sha256)",
    )
    return [int(db.execute(query).fetchone()[0]) for query in queries]


async def test_whatever_was_acknowledged_is_there_though_the_server_was_killed(
    address: str, cluster: Cluster, tmp_path: Path
) -> None:
    async with world(tmp_path) as made:
        await made.store.import_contractors([contractor(number) for number in range(60)])
        settled(made)
        async with started(made) as portal:
            crowd = Crowd(made, [portal.address], bidders=4)
            async with crowd.busy():
                for _ in range(KILLS):
                    await crowd.more(2)
                    cluster.kill()
                    try:
                        await crowd.trouble()
                    finally:
                        cluster.start()
                await crowd.more(2)
            await portal.end()
        stored = await made.store.read(
            lambda db: {row[0] for row in db.execute("SELECT statement FROM history").fetchall()}
        )
        assert set(crowd.ledger.told) <= stored
        assert await made.store.read(_halves) == [0, 0]
        assert set(crowd.ledger.refused) <= {"store_unavailable", "page 503", ""}  # come again, or no answer
    assert await asyncio.to_thread(cli.main, ["verify-archive", "--config", str(tmp_path / "portal.toml")]) == 0
