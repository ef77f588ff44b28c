"""Time-stamps for whoever signs here: asked for until the deadline, and judged before they are given."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable

from bridge import logs
from bridge.card.signature.algorithms import Hash
from bridge.errors import BridgeError, TimestampUnavailable
from bridge.settings.sections import TimestampSettings
from bridge.timestamps.authority import Authority, Unreached
from bridge.timestamps.bench import Bench, Token
from bridge.timestamps.query import Query

TRIED_SECONDS = 600.0
"""So long an authority that gave a good time-stamp is not tried beforehand again."""
_PAUSES = (0.5, 1.0, 2.0)
_AT_ONCE = 4


class Stamper:
    """The authority of the settings. Used on the event loop."""

    def __init__(self, named: TimestampSettings, clock: Callable[[], float]) -> None:
        """`named.url` is not empty. `clock`: monotonic seconds."""
        self._seconds, self._policy, self._clock = named.seconds, named.policy, clock
        self._authority = Authority(named.url, named.proxy)
        self._bench = Bench(named.trust)
        self._lanes = asyncio.Semaphore(_AT_ONCE)
        self._good_until = clock()

    async def ready(self) -> None:
        """Before a person is asked for anything: a time-stamp over nothing in particular, unless one came lately.

        Raises what `stamp` raises.
        """
        if self._clock() >= self._good_until:
            await self.stamp(Hash.SHA256, secrets.token_bytes(Hash.SHA256.octets))

    async def stamp(self, used: Hash, imprint: bytes) -> Token:
        """A time-stamp that holds, over what has this hash.

        Raises TimestampUnavailable, TimestampRefused, TimestampInvalid, TimestampUntrusted, TimestampClock.
        """
        async with self._lanes:
            try:
                async with asyncio.timeout(self._seconds):
                    found = await self._stamp(used, imprint)
            except (BridgeError, TimeoutError) as error:
                self._good_until = self._clock()
                if isinstance(error, TimeoutError):
                    raise TimestampUnavailable(f"no answer within {self._seconds} s") from error
                raise
        self._good_until = self._clock() + TRIED_SECONDS
        return found

    async def close(self) -> None:
        await self._authority.close()
        await self._bench.close()

    async def _stamp(self, used: Hash, imprint: bytes) -> Token:
        query = Query.new(used, imprint, self._policy)
        for pause in itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1])):
            try:
                return await self._bench.judged(await self._authority.ask(query.der()), query)
            except Unreached as error:
                logs.info("timestamp_unreached", cause=str(error))
            await asyncio.sleep(pause)
            query = Query.new(used, imprint, self._policy)
        raise TimestampUnavailable  # nobody comes here: the pauses do not end
