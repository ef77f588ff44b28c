"""PostgreSQL killed while bidders register, change and renew: what was acknowledged is there, and nothing by half."""

from __future__ import annotations

from pathlib import Path

from tests.flow.portal_crowd import COME_AGAIN, Crowd
from tests.flow.portal_judge import judge
from tests.flow.portal_program import contractor, settled, started
from tests.postgresql import Cluster
from tests.unit.portal_world import world

KILLS = 2


async def test_whatever_was_acknowledged_is_there_though_the_server_was_killed(
    address: str, cluster: Cluster, tmp_path: Path
) -> None:
    async with world(tmp_path) as made:
        await made.store.import_contractors([contractor(number) for number in range(60)])
        settings = settled(made)
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
    await judge(settings, address, crowd.ledger)
    assert crowd.ledger.refused.keys() <= COME_AGAIN
