"""How long a connection may take over a request. Lines are slow, and some who come never say what for.

Each holds a descriptor, and 280 kB for its TLS; a crowd of them would keep everybody else out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from portal.refusals import Refused
from portal.web.keys import Handler

HEAD_SECONDS = 30.0  # from the connection to the end of the first request's head, the handshake included
BODY_SECONDS = 60.0  # for 128 KiB: 18 kbit/s are enough
IDLE_SECONDS = 75.0  # between two requests; a proxy in front should let go earlier (nginx: after 60)
_MULTIPART = (
    "multipart/form-data"  # files, which are read piece by piece, with a limit of their own (portal.web.uploads)
)


class Patience:
    """Makes the server's connections, and closes those that send no request."""

    def __init__(self, make: Callable[[], asyncio.Protocol]) -> None:
        self._make = make
        self._silent: dict[asyncio.Protocol, asyncio.TimerHandle] = {}

    def __call__(self) -> asyncio.Protocol:
        protocol = self._make()
        self._silent[protocol] = asyncio.get_running_loop().call_later(HEAD_SECONDS, self._give_up, protocol)
        return protocol

    @web.middleware
    async def hear(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The outermost middleware: the head is there."""
        if (deadline := self._silent.pop(request.protocol, None)) is not None:
            deadline.cancel()
        return await handler(request)

    def _give_up(self, protocol: asyncio.Protocol) -> None:
        del self._silent[protocol]
        transport = getattr(protocol, "transport", None)  # None: it went by itself, or is at its handshake
        if transport is not None:
            transport.close()


@web.middleware
async def whole(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reads the body, and with it what a form says. Raises Refused, HTTPRequestEntityTooLarge."""
    if request.body_exists and request.content_type != _MULTIPART:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await request.read()
        except TimeoutError as error:
            raise Refused("bad_request", "body too slow") from error
        except (ConnectionError, web.RequestPayloadError) as error:  # the browser has gone, or sends what is no body
            raise Refused("bad_request", type(error).__name__) from error
    return await handler(request)
