"""A TLS server that tells what each client made of its certificate: a page was asked for, or an alert came."""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Final

SERVED: Final = "served"
_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Witness:
    """`port` on 127.0.0.1; one connection at a time is enough here."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._told: queue.Queue[str] = queue.Queue()

    def verdict(self, patience: float = 60) -> str:
        """SERVED, or OpenSSL's word for the alert. Raises queue.Empty when no client came."""
        return self._told.get(timeout=patience)

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return  # closed
            with connection:
                self._meet(connection)

    def close(self) -> None:
        # A thread that waits in accept is not woken by close alone.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _meet(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        try:
            with self._tls.wrap_socket(connection, server_side=True) as secured:
                if secured.recv(4096).startswith(b"GET / "):
                    secured.sendall(_ANSWER)
                    self._told.put(SERVED)
        except ssl.SSLError as error:
            if "ALERT" in (error.reason or ""):
                self._told.put(error.reason or "")
        except OSError:
            return  # a connection that was opened in advance and not used


@contextlib.contextmanager
def witnessing(tls: ssl.SSLContext) -> Iterator[Witness]:
    witness = Witness(tls)
    thread = threading.Thread(target=witness.serve)
    thread.start()
    try:
        yield witness
    finally:
        witness.close()
        thread.join()
