"""Windows' table of connections, read from its bytes."""

from __future__ import annotations

import ipaddress
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.gate import tcp_table
from bridge.gate.tcp_table import Address

Row = tuple[Address, Address, int]
PORTS = st.integers(1, 65535)
PROCESSES = st.integers(1, 2**32 - 1)
ESTABLISHED = 5


def port(number: int) -> bytes:
    """A DWORD whose first two octets are the port as it goes over the wire; Windows promises nothing of the others."""
    return struct.pack(">H", number) + b"\xa5\x5a"


def table(rows: list[Row]) -> bytes:
    """As GetExtendedTcpTable fills a buffer that is larger than the rows need."""
    return struct.pack("<I", len(rows)) + b"".join(map(packed, rows)) + bytes(100)


def packed(row: Row) -> bytes:
    (here, here_port), (there, there_port), process = row
    local, remote = (ipaddress.ip_address(host).packed for host in (here, there))
    if ":" in here:
        scope = struct.pack("<I", 4096)
        ends = (local, scope, port(here_port), remote, scope, port(there_port))
        return b"".join(ends) + struct.pack("<II", ESTABLISHED, process)
    return struct.pack("<I", ESTABLISHED) + local + port(here_port) + remote + port(there_port) + bytes_of(process)


def bytes_of(process: int) -> bytes:
    return struct.pack("<I", process)


hosts = pytest.mark.parametrize("host", ["127.0.0.1", "::1"])


@hosts
@given(st.lists(st.tuples(PORTS, PORTS, PROCESSES), unique_by=lambda row: row[:2], min_size=1), st.data())
def test_each_connection_has_the_process_of_its_own_row(
    host: str, rows: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    made = table([((host, here), (host, there), process) for here, there, process in rows])
    here, there, process = data.draw(st.sampled_from(rows))
    assert tcp_table.owner(made, (host, here), (host, there)) == process


@hosts
def test_the_other_end_of_the_connection_is_not_the_peer(host: str) -> None:
    """Its row stands in the same table, with the addresses the other way round: it is the daemon's own."""
    peer, own = (host, 50000), (host, 22480)
    assert tcp_table.owner(table([(own, peer, 7)]), peer, own) is None
    assert tcp_table.owner(table([(own, peer, 7), (peer, own, 8)]), peer, own) == 8


@hosts
def test_a_row_without_a_process_is_nobodys(host: str) -> None:
    """So does a closed connection wait for its end, and under Wine a program of Linux."""
    peer, own = (host, 50000), (host, 22480)
    assert tcp_table.owner(table([(peer, own, 0)]), peer, own) is None


@hosts
def test_what_stands_behind_the_last_row_counts_for_nothing(host: str) -> None:
    peer, own = (host, 50000), (host, 22480)
    assert tcp_table.owner(struct.pack("<I", 0) + packed((peer, own, 8)), peer, own) is None
