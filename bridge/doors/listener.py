"""The sockets: TLS on 127.0.0.1 and ::1 only, the peer's OS user looked up before TLS, quiet ends for silent peers."""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import contextlib
import socket
import ssl
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from bridge import logs
from bridge.gate.limits import Limits
from bridge.gate.peers import is_same_user

PORTS = range(22480, 22496)
_BACKLOG = 64
_MAX_PEERS = 4096

# asyncio allocates this buffer per connection, 256 KiB by default; browsers open TLS and send nothing while a person
# decides. At 16 KiB an idle connection costs 41 kB instead of 280.
asyncio.sslproto.SSLProtocol.max_size = 16 << 10


class NoPort(Exception):
    """None of the ports can be bound; the text lists them."""


MakeProtocol = Callable[[], asyncio.Protocol]
Peer = tuple[str, int]
Silent = dict[Peer, asyncio.TimerHandle | None]
"""Connections that have not yet sent a request, and when they have to; None during the handshake."""


class Listener:
    """Accepts connections for one protocol factory, remembers of each whether its peer is our user, and ends those that
    send no request."""

    def __init__(self, make_protocol: MakeProtocol, context: ssl.SSLContext, limits: Limits) -> None:
        self._make = make_protocol
        self._context = context
        self._limits = limits
        self._silent: dict[bool, Silent] = {True: {}, False: {}}
        """Of our user, and of others."""
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._same_user: dict[Peer, bool] = {}
        self.port = 0

    def bind(self, first: int) -> None:
        """Bind the given port, or with 0 the first free one of PORTS, on both families. Raises NoPort."""
        ports = [first] if first else list(PORTS)
        for port in ports:
            with contextlib.suppress(OSError):
                self._sockets, self.port = _bound(port), port
                return
        raise NoPort(f"ports {ports[0]} to {ports[-1]} are taken")

    def start(self) -> None:
        for listening in self._sockets:
            self._spawn(self._accept(listening))

    async def close(self) -> None:
        for listening in self._sockets:
            listening.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def heard(self, peer: Peer) -> None:
        """The head of its first request is there: from now on the server's own limits hold."""
        for silent in self._silent.values():
            if (deadline := silent.pop(peer, None)) is not None:
                deadline.cancel()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:
                # Out of descriptors, or the peer went before it was accepted: neither ends the listener.
                await asyncio.sleep(0.05)
                continue
            self._spawn(self._open(connection))

    async def _open(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = connection.getpeername()[:2]
            await self._begin(connection, peer, self._silent[self._remember(peer, connection)])
        except (OSError, ssl.SSLError):
            # A browser that gates loopback, a port probe, a certificate that is not trusted yet: no error of ours.
            connection.close()
        except BaseException:
            connection.close()
            raise

    async def _begin(self, connection: socket.socket, peer: Peer, silent: Silent) -> None:
        """The handshake, and a quiet end if no request follows it."""
        if len(silent) >= (self._limits.silent if silent is self._silent[True] else self._limits.strangers):
            connection.close()
            return
        loop = asyncio.get_running_loop()
        silent[peer] = None
        try:
            transport, _ = await loop.connect_accepted_socket(
                self._make, connection, ssl=self._context, ssl_handshake_timeout=self._limits.handshake
            )
        except BaseException:
            silent.pop(peer, None)
            raise
        if peer in silent:  # else its request was quicker than we are
            silent[peer] = loop.call_later(self._limits.head, self._give_up, silent, peer, transport)

    def _give_up(self, silent: Silent, peer: Peer, transport: asyncio.Transport) -> None:
        silent.pop(peer, None)
        transport.close()

    def is_same_user(self, peer: Peer) -> bool:
        """What was found when the connection from this address was accepted; False when nothing is known."""
        return self._same_user.get(peer, False)

    def _remember(self, peer: Peer, connection: socket.socket) -> bool:
        # An address is used by one living connection at a time, so a newer entry replaces a dead one.
        self._same_user.pop(peer, None)
        self._same_user[peer] = found = is_same_user(connection)
        while len(self._same_user) > _MAX_PEERS:
            self._same_user.pop(next(iter(self._same_user)))
        return found

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logs.fault("connection_failed", error)


def _bound(port: int) -> list[socket.socket]:
    """Listening sockets on 127.0.0.1 and, where the machine has IPv6, ::1. Raises OSError when either is taken."""
    sockets = [_listening(socket.AF_INET, "127.0.0.1", port)]
    if _has_ipv6():
        try:
            sockets.append(_listening(socket.AF_INET6, "::1", port))
        except OSError:
            sockets[0].close()
            raise
    return sockets


def _listening(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
