"""Run on Wine: a program of Windows that carries connections of Linux to the bridge on the same PC.

`python relay.py PORT`: prints the port that it listens on, and ends with its stdin.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading

HOST = "127.0.0.1"


def carry(source: socket.socket, sink: socket.socket) -> None:
    """Until either end is over; then both are told."""
    with contextlib.suppress(OSError):
        while octets := source.recv(65536):
            sink.sendall(octets)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def serve(incoming: socket.socket, port: int) -> None:
    with incoming, socket.socket() as outgoing:
        # Wine knows whose a socket is once its process has asked for something of it; the bridge looks at once.
        outgoing.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        outgoing.connect((HOST, port))
        back = threading.Thread(target=carry, args=(outgoing, incoming), daemon=True)
        back.start()
        carry(incoming, outgoing)
        back.join()


def listen(listening: socket.socket, port: int) -> None:
    while True:
        incoming, _ = listening.accept()
        threading.Thread(target=serve, args=(incoming, port), daemon=True).start()


def main() -> None:
    with socket.create_server((HOST, 0)) as listening:
        threading.Thread(target=listen, args=(listening, int(sys.argv[1])), daemon=True).start()
        print(listening.getsockname()[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
