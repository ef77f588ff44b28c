"""Which leaf a client meets, by real handshakes under a clock of ours."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from certs import context, store

NOW = 1_800_000_000.0
DAY = 86400


class Met(NamedTuple):
    leaf: bytes  # DER
    version: str | None
    protocol: str | None


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Server:
    """One context, as many handshakes as wanted."""

    def __init__(self, directory: Path) -> None:
        self.clock = Clock()
        self.context = context.server_context(directory, self.clock)
        self.leaves = store.load(directory).leaves

    def meet(self, sni: str | None = "localhost", limit: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Met:
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode, client.maximum_version = False, ssl.CERT_NONE, limit
        client.set_alpn_protocols(["h2", "http/1.1"])
        near, far = socket.socketpair()
        serving = threading.Thread(target=self._serve, args=(far,))
        serving.start()
        try:
            near.settimeout(10)
            secured = client.wrap_socket(near, server_hostname=sni)
            der = secured.getpeercert(binary_form=True)
            assert der is not None
            met = Met(der, secured.version(), secured.selected_alpn_protocol())
            secured.close()
            return met
        finally:
            near.close()
            serving.join()

    def _serve(self, far: socket.socket) -> None:
        far.settimeout(10)
        with contextlib.suppress(OSError), self.context.wrap_socket(far, server_side=True) as secured:
            secured.recv(1)
        far.close()

    def number(self, sni: str | None = "localhost") -> int:
        """Which leaf the client met, from 0; it is compared byte for byte with the file's certificate."""
        der = self.meet(sni).leaf
        return [ssl.PEM_cert_to_DER_cert(_certificate(leaf.path)) for leaf in self.leaves].index(der)


def _certificate(path: Path) -> str:
    return path.read_text()[path.read_text().index("-----BEGIN CERTIFICATE") :]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certs") / "tls"
    context.ensure(path, NOW)
    return path


@pytest.fixture
def server(directory: Path) -> Server:
    return Server(directory)


@pytest.mark.parametrize("sni", ["localhost", None])
def test_one_context_shows_each_leaf_in_its_time(server: Server, sni: str | None) -> None:
    for number, leaf in enumerate(server.leaves):
        server.clock.now = (leaf.not_before + leaf.not_after) / 2
        assert server.number(sni) == number


def test_the_leaf_met_is_always_valid_and_changes_only_in_the_middle_of_an_overlap(server: Server) -> None:
    for number, (old, new) in enumerate(itertools.pairwise(server.leaves)):
        server.clock.now = new.not_before + 15 * DAY - 1
        assert server.number() == number
        server.clock.now += 1
        assert server.number() == number + 1
        assert new.not_before < server.clock.now < old.not_after


def test_a_clock_that_jumps_about_harms_nothing(server: Server) -> None:
    last = len(server.leaves) - 1
    for now, number in ((0.0, 0), (server.leaves[-1].not_after + 9e9, last), (NOW, 0), (-5.0, 0), (NOW + 4e8, last)):
        server.clock.now = now
        assert server.number() == number


def test_http_1_1_over_tls_1_2_or_newer_uncompressed(server: Server) -> None:
    for limit, version in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        met = server.meet(limit=limit)
        assert (met.version, met.protocol) == (version, "http/1.1")
    assert server.context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert server.context.options & ssl.OP_NO_COMPRESSION


def test_files_that_vanish_later_end_no_service(server: Server, tmp_path: Path) -> None:
    own = tmp_path / "tls"
    context.ensure(own, NOW)
    running = Server(own)
    store.remove(own)
    met = set()
    for leaf in running.leaves:
        running.clock.now = leaf.not_after - 100 * DAY
        met.add(running.meet().leaf)
    assert len(met) == len(running.leaves)
