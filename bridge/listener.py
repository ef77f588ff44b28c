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
from bridge.peers import is_same_user

PORTS = range(22480, 22496)
HANDSHAKE_SECONDS = 15.0
_BACKLOG = 64
_MAX_PEERS = 4096

# asyncio allocates this buffer per connection, 256 KiB by default; browsers open TLS and send nothing while a person
# decides. At 16 KiB an idle connection costs 41 kB instead of 280.
asyncio.sslproto.SSLProtocol.max_size = 16 << 10


class NoPort(Exception):
    """None of the ports can be bound; the text lists them."""


MakeProtocol = Callable[[], asyncio.Protocol]


class Listener:
    """Accepts connections for one protocol factory, and remembers of each whether its peer is our user."""

    def __init__(self, make_protocol: MakeProtocol, context: ssl.SSLContext) -> None:
        self._make = make_protocol
        self._context = context
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._same_user: dict[tuple[str, int], bool] = {}
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
            self._remember(connection)
            await asyncio.get_running_loop().connect_accepted_socket(
                self._make, connection, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except (OSError, ssl.SSLError):
            # A browser that gates loopback, a port probe, a certificate that is not trusted yet: no error of ours.
            connection.close()
        except BaseException:
            connection.close()
            raise

    def is_same_user(self, peer: tuple[str, int]) -> bool:
        """What was found when the connection from this address was accepted; False when nothing is known."""
        return self._same_user.get(peer, False)

    def _remember(self, connection: socket.socket) -> None:
        # An address is used by one living connection at a time, so a newer entry replaces a dead one.
        peer = connection.getpeername()[:2]
        self._same_user.pop(peer, None)
        self._same_user[peer] = is_same_user(connection)
        while len(self._same_user) > _MAX_PEERS:
            self._same_user.pop(next(iter(self._same_user)))

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
