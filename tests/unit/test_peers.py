"""Whose connection it is: real sockets, a second OS user, a network namespace, and a stand-in for other systems."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from bridge.gate import peers

NOBODY = 65534
FAMILIES = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
LOOKS = [peers.sock_diag_uid, peers.proc_uid]
linux = pytest.mark.skipif(sys.platform != "linux", reason="netlink and /proc are Linux's")
root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="needs root to act as another OS user",
)
families = pytest.mark.parametrize(("family", "host"), FAMILIES)

CLIENT = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2]))):
    sys.stdin.read()
"""


@contextlib.contextmanager
def listening(family: int, host: str) -> Iterator[socket.socket]:
    with socket.socket(family) as listener:
        listener.bind((host, 0))
        listener.listen()
        yield listener


@contextlib.contextmanager
def connected(family: int, host: str) -> Iterator[tuple[socket.socket, socket.socket]]:
    """The client's end and the accepted one."""
    with listening(family, host) as listener, socket.create_connection(listener.getsockname()[:2]) as client:
        accepted, _ = listener.accept()
        with accepted:
            yield client, accepted


@contextlib.contextmanager
def connected_as(user: int, family: int, host: str) -> Iterator[socket.socket]:
    """A connection of another OS user, as accepted here."""
    who = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    with listening(family, host) as listener:
        command = [*who, "/usr/bin/python3", "-I", "-c", CLIENT, host, str(listener.getsockname()[1])]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            listener.settimeout(30)
            accepted, _ = listener.accept()
            with accepted:
                yield accepted
            process.communicate()


@families
def test_our_own_connection(family: int, host: str) -> None:
    with connected(family, host) as (_, accepted):
        assert peers.is_same_user(accepted)


@linux
@root
@families
def test_another_users_connection(family: int, host: str) -> None:
    with connected_as(NOBODY, family, host) as accepted:
        assert not peers.is_same_user(accepted)
        assert [look(*peers._addresses(accepted)) for look in LOOKS] == [NOBODY, NOBODY]


@linux
@families
def test_both_ways_say_the_same(family: int, host: str) -> None:
    with connected(family, host) as (_, accepted):
        assert [look(*peers._addresses(accepted)) for look in LOOKS] == [os.getuid()] * 2


@linux
@pytest.mark.parametrize("look", LOOKS)
@families
def test_a_peer_that_has_closed_is_nobodys(
    family: int, host: str, look: Callable[[peers.Address, peers.Address], int]
) -> None:
    """Its socket lingers without an owner, which the kernel shows as uid 0."""
    with connected(family, host) as (client, accepted):
        addresses = peers._addresses(accepted)
        client.close()
        with pytest.raises(peers.PeerUnknown):
            look(*addresses)
        assert not peers.is_same_user(accepted)


@linux
@pytest.mark.parametrize("look", LOOKS)
def test_a_connection_that_is_not_there(look: Callable[[peers.Address, peers.Address], int]) -> None:
    with connected(*FAMILIES[0]) as (_, accepted):
        peer, own = peers._addresses(accepted)
        with pytest.raises(peers.PeerUnknown):
            look(peer, ("127.0.0.2", own[1]))


@linux
@pytest.mark.parametrize("look", LOOKS)
def test_a_listener_at_the_peers_address_does_not_stand_for_it(
    look: Callable[[peers.Address, peers.Address], int],
) -> None:
    """Netlink answers with it when the connection itself is gone: a closed peer of another user would pass as ours."""
    with listening(*FAMILIES[0]) as ours, listening(*FAMILIES[0]) as other, pytest.raises(peers.PeerUnknown):
        look(other.getsockname(), ours.getsockname())


@linux
def test_a_client_that_reaches_ipv4_through_an_ipv6_socket() -> None:
    """As Java's do."""
    with listening(*FAMILIES[0]) as listener, socket.socket(socket.AF_INET6) as client:
        client.connect(("::ffff:127.0.0.1", listener.getsockname()[1]))
        accepted, _ = listener.accept()
        with accepted:
            assert peers.is_same_user(accepted)


@linux
def test_proc_is_asked_where_netlink_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some sandboxes deny AF_NETLINK."""

    def forbidden(peer: peers.Address, own: peers.Address) -> int:
        raise PermissionError

    monkeypatch.setattr(peers, "sock_diag_uid", forbidden)
    with connected(*FAMILIES[0]) as (_, accepted):
        assert peers.is_same_user(accepted)
        monkeypatch.setattr(peers, "proc_uid", lambda peer, own: os.getuid() + 1)
        assert not peers.is_same_user(accepted)


def test_only_loopback_counts() -> None:
    class Elsewhere:
        def getpeername(self) -> peers.Address:
            return ("192.0.2.7", 40000)

        def getsockname(self) -> peers.Address:
            return ("192.0.2.1", 22480)

    assert not peers.is_same_user(Elsewhere())  # type: ignore[arg-type]  # no such address on a test machine


NAMESPACE = """
import socket, sys
from bridge.gate import peers
from tests.unit.test_peers import FAMILIES, NOBODY, connected, connected_as
outer = (sys.argv[1], int(sys.argv[2])), (sys.argv[1], int(sys.argv[3]))
for family in FAMILIES:
    with connected(*family) as (_, accepted):
        assert peers.is_same_user(accepted)
    with connected_as(NOBODY, *family) as accepted:
        assert not peers.is_same_user(accepted)
for look in (peers.sock_diag_uid, peers.proc_uid):
    try:
        look(*outer)
    except peers.PeerUnknown:
        continue
    raise AssertionError("a socket of another namespace was seen")
print("held")
"""


@linux
@root
@pytest.mark.skipif(shutil.which("unshare") is None or shutil.which("ip") is None, reason="needs unshare and ip")
def test_in_a_network_namespace_of_its_own() -> None:
    """A container: its loopback is another one, and sockets of ours with the same addresses say nothing there."""
    with connected(*FAMILIES[0]) as (client, accepted):
        ports = [str(end.getsockname()[1]) for end in (client, accepted)]
        inside = [sys.executable, "-c", NAMESPACE, "127.0.0.1", *ports]
        command = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *inside]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (done.stdout, done.returncode) == ("held\n", 0), done.stderr


class FakeProcess:
    """One row of psutil's process table."""

    def __init__(self, user: str, connections: Sequence[object] | Exception) -> None:
        self._user, self._connections = user, connections

    def username(self) -> str:
        return self._user

    def net_connections(self, kind: str) -> Sequence[object]:
        assert kind == "tcp"
        if isinstance(self._connections, Exception):
            raise self._connections
        return self._connections


PEER, OWN = ("127.0.0.1", 50000), ("127.0.0.1", 22480)
THE_PEER = types.SimpleNamespace(laddr=PEER, raddr=OWN)
OTHERS = [
    types.SimpleNamespace(laddr=OWN, raddr=PEER),
    types.SimpleNamespace(laddr=PEER, raddr=()),
    types.SimpleNamespace(laddr=PEER, raddr=("127.0.0.1", 22481)),
]


@pytest.mark.parametrize(
    ("table", "same"),
    [
        ([FakeProcess("me", OTHERS), FakeProcess("me", [THE_PEER])], True),
        ([FakeProcess("me", OTHERS), FakeProcess("other", [THE_PEER])], False),
        ([FakeProcess("me", OTHERS)], False),
        ([], False),
    ],
)
def test_elsewhere_the_process_table_tells(
    table: list[FakeProcess], same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AccessDenied(Exception):
        pass

    class NoSuchProcess(Exception):
        pass

    unreadable = [FakeProcess("me", AccessDenied()), FakeProcess("me", NoSuchProcess())]
    psutil = types.SimpleNamespace(
        AccessDenied=AccessDenied,
        NoSuchProcess=NoSuchProcess,
        Process=lambda: FakeProcess("me", []),
        process_iter=lambda: iter([*unreadable, *table]),
    )
    monkeypatch.setitem(sys.modules, "psutil", psutil)
    assert peers._macos_user(PEER, OWN) is same
