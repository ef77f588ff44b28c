"""Fixtures of the flow ring: one running bridge for a module's tests, a fresh card in it for each; and the portal's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.flow.bridge import Bridge, prepare
from tests.flow.portal_site import bidder, person

__all__ = ["bidder", "bridge", "daemon", "person"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def daemon(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    made = prepare(tmp_path_factory.mktemp("bridge"))
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


@pytest.fixture
def bridge(daemon: Bridge) -> Bridge:
    daemon.fresh_card()
    return daemon
