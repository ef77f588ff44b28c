"""Cards that wait for revocation data, looked at again while the portal serves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from portal.registration.registrar import Registrar

_SECONDS = 60.0
_log = logging.getLogger("portal.registration")


@contextlib.asynccontextmanager
async def rechecking(registrar: Registrar, seconds: float = _SECONDS) -> AsyncIterator[None]:
    """Looks at once, and again every so many seconds, while entered."""
    task = asyncio.create_task(_again_and_again(registrar, seconds))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _again_and_again(registrar: Registrar, seconds: float) -> None:
    while True:
        try:
            settled = await registrar.recheck()
        except Exception as error:  # a full disk, a busy database, no memory: the next look may find it better
            _log.warning("waiting cards not looked at", exc_info=error)
        else:
            if settled:
                _log.info("waiting cards settled: %d", settled)
        await asyncio.sleep(seconds)
