"""Which OS user a loopback connection belongs to, asked when it is accepted and before TLS.

Linux: netlink SOCK_DIAG (some 5 µs), /proc/net/tcp as fallback. Windows: the table of connections and the token of the
process that holds this one. macOS: psutil. No row, or one without an owner (on Linux a closed peer shows as uid 0 and
inode 0), means: not known, and not known is refused.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path

if sys.platform == "win32":
    from bridge.gate.windows_peers import is_ours

Address = tuple[str, int]

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST = 1
_NLMSG_ERROR = 2
_TCP = 6
_ANY_STATE = 0xFFFFFFFF
_NO_COOKIE = 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBBI")
_PORTS = struct.Struct("!HH")
_UID_OFFSET = _HEADER.size + 4 + 48 + 12  # inet_diag_msg: four bytes, inet_diag_sockid, expires, rqueue, wqueue


class PeerUnknown(Exception):
    """Nothing tells whose connection it is."""


def is_same_user(connection: socket.socket) -> bool:
    """Whether the other end of an accepted loopback connection is the daemon's own OS user."""
    try:
        peer, own = _addresses(connection)
        return _LOOK(peer, own)
    except (PeerUnknown, OSError):
        return False


def _addresses(connection: socket.socket) -> tuple[Address, Address]:
    peer, own = connection.getpeername()[:2], connection.getsockname()[:2]
    for host, _ in (peer, own):
        if not (host.startswith("127.") or host == "::1"):
            raise PeerUnknown("not a loopback connection")
    return peer, own


def _linux_user(peer: Address, own: Address) -> bool:
    if sys.platform != "linux":
        raise PeerUnknown("this is not Linux")
    try:
        return sock_diag_uid(peer, own) == os.getuid()
    except PermissionError:
        return proc_uid(peer, own) == os.getuid()


def sock_diag_uid(peer: Address, own: Address) -> int:
    """uid of the socket bound to `peer` and connected to `own` (sock_diag(7)). Raises PeerUnknown, OSError."""
    if sys.platform != "linux":
        raise PeerUnknown("this is not Linux")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG) as netlink:
        netlink.settimeout(1.0)
        netlink.send(_diag_request(peer, own))
        answer = netlink.recv(4096)
    _, kind, *_ = _HEADER.unpack_from(answer)
    if kind == _NLMSG_ERROR:
        raise PeerUnknown("no such socket")
    # A listener at the peer's address answers as well where the connection is gone; it has no other end.
    if _PORTS.unpack_from(answer, _HEADER.size + 4) != (peer[1], own[1]):
        raise PeerUnknown("another socket's row")
    uid, inode = struct.unpack_from("=II", answer, _UID_OFFSET)
    if inode == 0:
        raise PeerUnknown("the peer has closed its socket")
    return int(uid)


def _diag_request(peer: Address, own: Address) -> bytes:
    family = socket.AF_INET6 if ":" in peer[0] else socket.AF_INET
    ports = _PORTS.pack(peer[1], own[1])
    hosts = b"".join(socket.inet_pton(family, host).ljust(16, b"\0") for host, _ in (peer, own))
    socket_id = ports + hosts + struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
    body = _REQUEST.pack(family, _TCP, 0, 0, _ANY_STATE) + socket_id
    return _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0) + body


def proc_uid(peer: Address, own: Address) -> int:
    """The same from /proc/net/tcp (proc(5)). Raises PeerUnknown, OSError."""
    table = Path("/proc/net/tcp6" if ":" in peer[0] else "/proc/net/tcp").read_text(encoding="ascii")
    wanted = [_proc_address(peer), _proc_address(own)]
    for row in table.splitlines()[1:]:
        columns = row.split()
        if columns[1:3] == wanted:
            if columns[9] == "0":
                break
            return int(columns[7])
    raise PeerUnknown("no such socket")


def _proc_address(address: Address) -> str:
    host, port = address
    raw = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    words = struct.unpack(f"={len(raw) // 4}I", raw)
    return "".join(f"{word:08X}" for word in words) + f":{port:04X}"


def _macos_user(peer: Address, own: Address) -> bool:
    """The process that holds the peer's socket runs as us."""
    import psutil  # type: ignore[import-untyped,unused-ignore]  # not installed on Linux, and ships no types

    me = psutil.Process().username()
    for process in psutil.process_iter():
        try:
            if process.username() == me and _holds(process.net_connections("tcp"), peer, own):
                return True
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    return False


def _holds(connections: list[object], peer: Address, own: Address) -> bool:
    return any(
        tuple(getattr(item, "laddr", ())) == peer and tuple(getattr(item, "raddr", ())) == own for item in connections
    )


if sys.platform == "linux":
    _LOOK = _linux_user
elif sys.platform == "win32":
    _LOOK = is_ours
else:
    _LOOK = _macos_user
