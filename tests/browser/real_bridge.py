"""`card-bridge run` with its practice card, where pages look for a bridge; and a portal that trusts that card."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bridge.card.practice import pki as practice_pki
from tests.browser.portal_desk import free_bridge_port
from tests.flow.bridge import Bridge, prepare
from tests.unit.portal_world import World

PIN = practice_pki.PIN.decode()


@asynccontextmanager
async def real_bridge(folder: Path, certificates: Path, origin: str) -> AsyncIterator[Bridge]:
    """Its window does what `plan` says. `certificates`: those that the browser trusts."""
    made = prepare(folder)
    made.fresh_card()
    await made.start(
        bridge={"port": free_bridge_port()}, origins={"allowed": [origin]}, tls={"directory": str(certificates)}
    )
    try:
        yield made
    finally:
        await made.stop()


def accept_its_card(portal: World, bridge: Bridge) -> None:
    """The portal trusts the practice card's CA from now on and no other, and its clock is the card's: today's."""
    for folder, file in ((portal.trust.folders.anchors, "ca.pem"), (portal.trust.folders.crls, "ca.crl")):
        shutil.copy(bridge.practice / file, folder)
    portal.time = datetime.now(UTC)


async def logins(portal: World) -> int:
    """Visits whose card the portal has verified."""
    query = "SELECT count(*) FROM sessions WHERE certificate IS NOT NULL"
    row = await portal.store.read(lambda db: db.execute(query).fetchone())
    return int(row[0])
