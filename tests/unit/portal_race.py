"""Ten at each of several stores that spend one nonce at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from portal.refusals import Refused
from portal.store import Store, sessions
from tests.unit import portal_pki as pki


async def spent(stores: Sequence[Store]) -> int:
    """How many of them succeed."""
    end = pki.NOW + timedelta(minutes=60)
    session = await stores[0].create_session(pki.NOW, end)
    nonce = await stores[0].mint_nonce(session.id, "registration", "a", b"", {}, pki.NOW, end)

    async def spend(store: Store) -> bool:
        try:
            await store.write(lambda db: sessions.spend(db, session.id, nonce, pki.NOW))
        except Refused:
            return False
        return True

    return sum(await asyncio.gather(*(spend(store) for store in [*stores] * 10)))
