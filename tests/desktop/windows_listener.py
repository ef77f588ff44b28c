"""Run on Wine: accepts connections on both families and says of each whether it is our own user's, a line each.

First line: the two ports. A line on stdin is the family (4, 6) to accept from next, after an octet has come from there.
"""

from __future__ import annotations

import json
import socket
import sys

from bridge.gate import peers

FAMILIES = {"4": (socket.AF_INET, "127.0.0.1"), "6": (socket.AF_INET6, "::1")}


def listener(family: socket.AddressFamily, host: str) -> socket.socket:
    listening = socket.socket(family)
    listening.bind((host, 0))
    listening.listen()
    return listening


def main() -> None:
    listening = {name: listener(*family) for name, family in FAMILIES.items()}
    print(json.dumps({name: each.getsockname()[1] for name, each in listening.items()}), flush=True)
    for line in sys.stdin:
        connection, _ = listening[line.strip()].accept()
        with connection:
            connection.recv(1)
            print(json.dumps(peers.is_same_user(connection)), flush=True)


if __name__ == "__main__":
    main()
