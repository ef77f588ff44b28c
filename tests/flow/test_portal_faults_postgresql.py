"""Three portals on one PostgreSQL under load while it goes away and comes back, and while one of them is killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest_asyncio

from tests.flow.portal_crowd import COME_AGAIN, Bidder, Crowd, Ledger
from tests.flow.portal_judge import judge
from tests.flow.portal_program import Program, confirmed, contractor, settled, started
from tests.postgresql import Cluster
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, world


@pytest_asyncio.fixture
async def made(address: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.store.import_contractors([contractor(number) for number in range(300)])
        settled(found)
        yield found


def _kill_backend(cluster: Cluster) -> None:
    """One process that serves a portal: the server ends all others, and recovers by itself."""
    serving = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid != pg_backend_pid()"
    os.kill(int(cluster.sql(f"SELECT min(pid) {serving}")), signal.SIGKILL)


def _cut_off(cluster: Cluster) -> None:
    """Every connection, the server left alone."""
    others = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid != pg_backend_pid()"
    cluster.sql(f"SELECT count(pg_terminate_backend(pid)) {others}")


async def test_a_server_that_goes_away_and_comes_back_costs_nothing(
    made: World, cluster: Cluster, address: str
) -> None:
    async with AsyncExitStack() as running:
        portals = [await running.enter_async_context(started(made)) for _ in range(3)]
        crowd = Crowd(made, [portal.address for portal in portals])
        async with crowd.busy():
            await crowd.more(3)
            # In this thread: the server ends with the one that started it.
            for goes in (cluster.stop, cluster.stop_at_once, cluster.kill):
                goes()
                try:
                    await crowd.trouble()
                finally:
                    cluster.start()
                await crowd.more(2)
            for fails in (_kill_backend, _cut_off):
                fails(cluster)
                await crowd.more(2)
            await _kill_one(portals[0], crowd)
        for portal in portals[1:]:
            await portal.end()
    await judge(made.root / "portal.toml", address, crowd.ledger)
    assert crowd.ledger.refused.keys() <= COME_AGAIN | {"elsewhere"}


async def _kill_one(portal: Program, crowd: Crowd) -> None:
    """One of three, for good: the others serve on."""
    crowd.addresses.remove(portal.address)
    await portal.kill()
    await crowd.more(2)


async def test_three_portals_spend_a_nonce_once(made: World, address: str) -> None:
    ledger = Ledger()
    async with AsyncExitStack() as running:
        portals = [await running.enter_async_context(started(made)) for _ in range(3)]
        for number in range(4):
            bidders = await _three_for_one_nonce(portals[0], number, ledger)
            answers = await asyncio.gather(*(each.send(portal) for each, portal in zip(bidders, portals, strict=True)))
            first, *others = sorted(status for status, _ in answers)
            assert first == 200, answers
            assert set(others) <= {403, 409}, answers
        for portal in portals:
            await portal.end()
    assert len(ledger.told) == 4
    await judge(made.root / "portal.toml", address, ledger)


async def _three_for_one_nonce(portal: Program, number: int, ledger: Ledger) -> list[Bidder]:
    card = portal.made.authority.issue(6000 + number, key=pki.rsa_key("card"))
    async with portal.visitor() as person:
        request = await confirmed(person, number, card)
        times = [f"2026-12-01T00:00:0{second}Z" for second in range(3)]
        signed = [portal.made.signed(request, card, issuedAt=time) for time in times]
        return [Bidder(person.cookie, person.token, cms, ledger) for cms in signed]
