"""One private pcscd with two readers for all card tests; each test has its own card and its own PKCS#11 port."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.virtual import pki
from tests.virtual.__main__ import MODULE

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # pcsc-lite and its drivers exist here alone

# libpcsclite reads its socket's name once per process, so it is settled before any test can load the library; a test
# that forgets its fixture then meets no service instead of this computer's real readers.
_HOME = Path(tempfile.mkdtemp(prefix="card-tests-"))
os.environ["PCSCLITE_CSOCK_NAME"] = str(_HOME / "pcscd.comm")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)

from bridge.card import pcsc  # noqa: E402  # after the environment is settled
from bridge.card.pkcs11.adapter import Pkcs11Port, Pkcs11Token  # noqa: E402
from bridge.card.safety.pin import Pin  # noqa: E402
from tests.flow.bridge import Bridge, prepare  # noqa: E402
from tests.virtual.card import VirtualCard  # noqa: E402
from tests.virtual.pcscd import Pcscd, ReaderSocket  # noqa: E402
from tests.virtual.piv import Key, PivCard, Slot  # noqa: E402
from tests.virtual.reader import VirtualReader  # noqa: E402

PIN = b"246810"
OPENSC = Path(MODULE)
_PATIENCE_SECONDS = 20.0


def pin(text: bytes = PIN) -> Pin:
    typed = Pin(len(text))
    typed.memory()[:] = text
    return typed


def eventually(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


class Bay(NamedTuple):
    """A reader and the name that PC/SC gives it."""

    name: str
    reader: VirtualReader

    def insert(self, card: VirtualCard) -> None:
        """Into the empty reader; returns when the service has seen it."""
        before = pcsc.event_counter(self.name)
        self.reader.insert(card)
        assert pcsc.moved(self.name, before, _PATIENCE_SECONDS)

    def remove(self) -> None:
        before = pcsc.presence(self.name)
        self.reader.remove()
        assert not before.card or pcsc.moved(self.name, before.events, _PATIENCE_SECONDS)


class Chain(NamedTuple):
    service: Pcscd
    bays: tuple[Bay, Bay]


@pytest.fixture(scope="session")
def chain() -> Iterator[Chain]:
    places = [ReaderSocket(f"Virtual Reader {letter}", _HOME / f"reader-{letter}") for letter in "AB"]
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(contextlib.closing(VirtualReader(place.path))) for place in places]
        service = Pcscd(_HOME, places)
        stack.callback(service.stop)
        service.start()
        first, second = map(Bay, service.reader_names, readers)
        yield Chain(service, (first, second))


@pytest.fixture(scope="session")
def authority() -> pki.Authority:
    return pki.Authority.fresh(datetime.now(UTC))


@pytest.fixture(scope="session")
def rsa_key(authority: pki.Authority) -> Key:
    return pki.card_key(authority, pki.rsa_key(), datetime.now(UTC))


@pytest.fixture(scope="session")
def ec_key(authority: pki.Authority) -> Key:
    return pki.card_key(authority, pki.ec_key(), datetime.now(UTC), serial=122)


@pytest.fixture
def bay(chain: Chain) -> Iterator[Bay]:
    """An empty reader, emptied again afterwards."""
    yield chain.bays[0]
    chain.bays[0].remove()


@pytest.fixture
def other_bay(chain: Chain) -> Iterator[Bay]:
    yield chain.bays[1]
    chain.bays[1].remove()


@pytest.fixture
def card(bay: Bay, rsa_key: Key) -> PivCard:
    """A PIV card with an RSA key, in the reader."""
    fresh = PivCard({Slot.AUTHENTICATION: rsa_key}, PIN)
    bay.insert(fresh)
    return fresh


@pytest.fixture
def port() -> Iterator[Pkcs11Port]:
    with contextlib.closing(Pkcs11Port(OPENSC)) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def daemon(tmp_path_factory: pytest.TempPathFactory, chain: Chain) -> AsyncIterator[Bridge]:
    """A bridge over the real chain: OpenSC behind its card host, this service behind OpenSC."""
    bridge = prepare(tmp_path_factory.mktemp("bridge"))
    await bridge.start(card={"practice": False, "modules": [str(OPENSC)]})
    try:
        yield bridge
    finally:
        await bridge.stop()


@pytest.fixture
def bridge(daemon: Bridge, card: PivCard) -> Bridge:
    """With the PIV card in its reader, and nothing remembered of earlier tests."""
    daemon.fresh_card()
    return daemon


def only_token(port: Pkcs11Port) -> Pkcs11Token:
    (token,) = port.tokens()
    assert isinstance(token, Pkcs11Token)
    return token


@pytest.fixture
def token(port: Pkcs11Port, card: PivCard) -> Pkcs11Token:
    return only_token(port)
