"""The listener for those who run the portal: `/healthz`, `/readyz`, `/metrics`. Plain HTTP, for loopback or a network
of the agency's own; it changes nothing and tells nothing of any person.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import web

from portal.operation.figures import Figures
from portal.operation.settings import Watching
from portal.operation.upkeep import Upkeep
from portal.settings import Settings
from portal.signatures.signing import utc_now
from portal.signatures.trust import Trust
from portal.store import Store, StoreFault
from portal.store.database import Database

_WRITE_SECONDS = 5.0
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def build(settings: Settings, store: Store, trust: Trust, figures: Figures) -> web.Application:
    upkeep = Upkeep(settings, store)

    async def health(_: web.Request) -> web.Response:
        """The process answers: nothing else is asked, so that a full disk does not have it started anew for ever."""
        return web.Response(text="ok\n")

    async def readiness(_: web.Request) -> web.Response:
        faults = [fault async for fault in _faults(settings, store, trust)]
        status = HTTPStatus.SERVICE_UNAVAILABLE if faults else HTTPStatus.OK
        answer = {"ready": not faults, "faults": faults, "warnings": _stale(trust)}
        return web.json_response(answer, status=status)

    async def metrics(_: web.Request) -> web.Response:
        ready = not [fault async for fault in _faults(settings, store, trust)]
        text = await upkeep.text(ready=ready)
        with contextlib.suppress(StoreFault):  # that much is told in any case
            text += await figures.text()
        return web.Response(body=text, headers={"Content-Type": _EXPOSITION})

    app = web.Application()
    app.add_routes([web.get("/healthz", health), web.get("/readyz", readiness), web.get("/metrics", metrics)])
    return app


@contextlib.asynccontextmanager
async def listening(app: web.Application, watch: Watching) -> AsyncIterator[None]:
    """Raises OSError where the address is taken."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, watch.host, watch.port).start()
        yield
    finally:
        await runner.cleanup()


async def _faults(settings: Settings, store: Store, trust: Trust) -> AsyncIterator[str]:
    """Why nobody could be registered now."""
    free = None
    try:
        await asyncio.wait_for(store.write(_touch), _WRITE_SECONDS)
        free = (await store.measured()).free
    except StoreFault as error:
        yield f"the database takes nothing: {error}"
    except TimeoutError:
        yield f"the database took nothing within {_WRITE_SECONDS:g} s"
    if not trust.anchors:
        yield "no trust anchor: no certificate is believed"
    if free is not None and free >> 20 < settings.watch.free_mebibytes:
        yield f"{free >> 20} MiB free on the database's disk"


def _touch(db: Database) -> None:
    """A page really written, and committed with whatever else waits."""
    db.execute("UPDATE outbox SET attempts = attempts WHERE id = (SELECT min(id) FROM outbox)")


def _stale(trust: Trust) -> list[str]:
    """Whose cards are not taken now for want of a current list."""
    now = utc_now()
    return [f"no current revocation list of {issuer}" for issuer, ends in trust.list_ends().items() if ends < now]
