"""Windows' table of TCP connections as bytes: which process holds one of them (tcpmib.h)."""

from __future__ import annotations

import socket
import struct
from typing import Final

Address = tuple[str, int]
_COUNT: Final = struct.Struct("<I")
_ROW: Final = struct.Struct("<I4sH2x4sH2xI")
"""MIB_TCPROW_OWNER_PID: state, local address and port, remote ones, process."""
_ROW6: Final = struct.Struct("<16sIH2x16sIH2xII")
"""MIB_TCP6ROW_OWNER_PID: local address, scope and port, remote ones, state, process."""


def owner(table: bytes, peer: Address, own: Address) -> int | None:
    """Id of the process whose socket is bound to `peer` and connected to `own`, from a table of their family.

    None: there is no such row, or one that names no process, as after its socket was closed.
    """
    sixteen = ":" in peer[0]
    row = _ROW6 if sixteen else _ROW
    wanted = (*_packed(peer), *_packed(own))
    (count,) = _COUNT.unpack_from(table)
    for values in row.iter_unpack(table[_COUNT.size : _COUNT.size + count * row.size]):
        found = (*values[0:3:2], *values[3:6:2]) if sixteen else values[1:5]
        if found == wanted and values[-1] != 0:
            return int(values[-1])
    return None


def _packed(address: Address) -> tuple[bytes, int]:
    """As they stand in a row: the port's bytes are in the network's order in a field of the machine's."""
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.inet_pton(family, host), int.from_bytes(port.to_bytes(2, "big"), "little")
