"""Which program listens on a port of this computer, and whose it is. Linux: /proc; elsewhere: psutil."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

BRIDGE = "card-bridge"
_LISTEN = "0A"  # TCP_LISTEN (proc(5))
_OURS = ("bridge.cli", "card-bridge", "card-bridge-cli")


class Owner(NamedTuple):
    """`program`: its file name, empty when the system does not tell. `mine`: of this OS user; None when not known."""

    program: str
    mine: bool | None


def listening(ports: Collection[int]) -> dict[int, Owner]:
    """Of these ports those that somebody listens on, at whatever address."""
    return _LOOK(ports)


def _linux(ports: Collection[int]) -> dict[int, Owner]:
    if sys.platform == "win32":
        return {}
    found = {port: (uid, inode) for port, uid, inode in _rows() if port in ports}
    programs = _programs({inode for _, inode in found.values()})
    return {port: Owner(programs.get(inode, ""), uid == os.getuid()) for port, (uid, inode) in found.items()}


def _rows() -> Iterator[tuple[int, int, str]]:
    """Port, uid, inode of every listening socket (proc(5))."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(FileNotFoundError):
            for row in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                columns = row.split()
                if columns[3] == _LISTEN:
                    yield int(columns[1].rpartition(":")[2], 16), int(columns[7]), columns[9]


def _programs(inodes: Collection[str]) -> dict[str, str]:
    """File names of the programs that hold these sockets; other users' are not to be seen."""
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[str, str] = {}
    for process in Path("/proc").glob("[0-9]*") if wanted else ():
        with contextlib.suppress(OSError):
            held = {str(each.readlink()) for each in (process / "fd").iterdir()}
            for socket in held & wanted.keys():
                found[wanted[socket]] = _program(process)
    return found


def _program(process: Path) -> str:
    words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    return BRIDGE if is_bridge(words) else (process / "exe").readlink().name


def is_bridge(words: Collection[str]) -> bool:
    """Whether a command line is the daemon's: its own program, or Python with its module."""
    return any(Path(word.replace("\\", "/")).name.lower().removesuffix(".exe") in _OURS for word in words)


def _other(ports: Collection[int]) -> dict[int, Owner]:
    import psutil  # type: ignore[import-untyped,unused-ignore]  # not installed on Linux, and ships no types

    holders = {port: pid for port, pid in _holders(psutil) if port in ports}
    return {port: owner_of(pid) if pid else Owner("", None) for port, pid in holders.items()}


def _holders(psutil: Any) -> Iterator[tuple[int, int | None]]:
    """Port and process. Windows tells every listener, macOS to a person those of the person's own programs."""
    try:
        yield from _listening(psutil, psutil.net_connections("tcp"))
    except psutil.AccessDenied:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.AccessDenied, psutil.NoSuchProcess):
                for port, _ in _listening(psutil, process.net_connections("tcp")):
                    yield port, process.pid


def _listening(psutil: Any, connections: Iterable[Any]) -> Iterator[tuple[int, int | None]]:
    for each in connections:
        if each.status == psutil.CONN_LISTEN:
            yield each.laddr.port, getattr(each, "pid", None)


def owner_of(pid: int) -> Owner:
    """Windows shows a program's name to everybody, its user and its command line to its own user."""
    import psutil

    try:
        process = psutil.Process(pid)
        mine = bool(process.username() == psutil.Process().username())
        return Owner(BRIDGE if is_bridge(process.cmdline()) else process.name(), mine)
    except psutil.AccessDenied:
        return Owner(psutil.Process(pid).name(), mine=False)
    except psutil.NoSuchProcess:
        return Owner("", None)


_LOOK = _linux if sys.platform == "linux" else _other
