"""Cards, readers and the PC/SC service come and go at the worst moments: the right code, and the next request works.

Nothing is restarted for that: not the daemon, not the card host, not the library in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from bridge.card import pcsc
from tests.card.conftest import PIN, Bay, Chain, eventually
from tests.flow.bridge import Bridge, Page, statement
from tests.flow.test_sign import host_pid
from tests.virtual.card import Answer, ApduCard, Command, Word
from tests.virtual.piv import PivCard

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHT, LATER = f"pin {PIN.decode()}", f"later {PIN.decode()}"


class Place(NamedTuple):
    chain: Chain
    bay: Bay
    card: PivCard


def pull(place: Place) -> None:
    place.bay.remove()


def put_back(place: Place) -> None:
    place.bay.insert(place.card)


def unplug(place: Place) -> None:
    place.bay.reader.unplug()
    eventually(lambda: not pcsc.presence(place.bay.name).card, "the service misses the reader")


def plug_in(place: Place) -> None:
    place.bay.reader.plug_in()
    eventually(lambda: pcsc.presence(place.bay.name).card, "the service finds reader and card")


def stop_service(place: Place) -> None:
    place.chain.service.stop()


def start_service(place: Place) -> None:
    place.chain.service.start()
    eventually(lambda: pcsc.presence(place.bay.name).card, "the service finds the card")


class Mishap(NamedTuple):
    happens: Callable[[Place], None]
    is_over: Callable[[Place], None]
    code: str
    """What a request is told meanwhile."""


MISHAPS = {
    "card": Mishap(pull, put_back, "no_card"),
    "reader": Mishap(unplug, plug_in, "no_card"),
    "service": Mishap(stop_service, start_service, "no_reader"),
}


class Stranger(ApduCard):
    """A card that no library here knows: somebody's loyalty card."""

    atr = bytes.fromhex("3B6500002063CB6800")

    def forget(self) -> None:
        """It remembers nothing anyway."""

    def execute(self, command: Command) -> Answer:
        return Answer(Word.UNKNOWN_INSTRUCTION)


@pytest.fixture
def place(chain: Chain, bay: Bay, card: PivCard) -> Place:
    return Place(chain, bay, card)


@pytest.fixture(params=MISHAPS)
def mishap(request: pytest.FixtureRequest) -> Mishap:
    return MISHAPS[request.param]


async def sign(page: Page, **more: Any) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement(), **more}


async def test_between_two_requests(bridge: Bridge, place: Place, mishap: Mishap) -> None:
    bridge.plan(RIGHT, RIGHT)
    async with bridge.page() as page:
        wanted = await sign(page)
        await page.result("sign", wanted)
        host = host_pid(bridge)
        mishap.happens(place)
        assert (await page.refusal("sign", wanted))["code"] == mishap.code
        mishap.is_over(place)
        await page.result("sign", wanted)
        assert host_pid(bridge) == host
    assert len(bridge.questions()) == len(place.card.verifications()) == 2


async def test_while_a_window_is_open(bridge: Bridge, place: Place, mishap: Mishap) -> None:
    bridge.plan(LATER, RIGHT)
    async with bridge.page() as page:
        wanted = await sign(page)
        asked = asyncio.create_task(page.refusal("sign", wanted))
        await bridge.open_window(1)
        host = host_pid(bridge)
        mishap.happens(place)
        (bridge.directory / "go").touch()
        assert (await asked)["code"] == "card_removed"
        assert place.card.verifications() == []
        mishap.is_over(place)
        await page.result("sign", wanted)
        assert host_pid(bridge) == host


async def test_while_a_pin_session_is_open(bridge: Bridge, place: Place, mishap: Mishap) -> None:
    bridge.plan(RIGHT, RIGHT)
    async with bridge.page() as page, page.socket() as socket:
        wanted = await sign(page)
        session = (await page.result("sign", {**wanted, "keepPinSession": True}))["pinSession"]
        host = host_pid(bridge)
        mishap.happens(place)
        assert (await socket.event("pinSessionEnded"))["reason"] == "removed"
        mishap.is_over(place)
        refusal = await page.refusal("sign", {**wanted, "pinSession": session})
        assert refusal["code"] == "pin_session_ended"
        await page.result("sign", wanted)
        assert host_pid(bridge) == host
    assert len(place.card.verifications()) == 2


async def test_a_service_that_has_come_back_is_found_by_the_request_that_needs_it(bridge: Bridge, place: Place) -> None:
    """The watch of the readers looks for a lost service less and less often; nobody has to wait for that."""
    async with bridge.page() as page:
        place.bay.remove()
        place.chain.service.stop()
        assert (await page.refusal("certificates", {}))["code"] == "no_reader"
        place.chain.service.start()
        assert (await page.refusal("certificates", {}))["code"] == "no_card"


async def test_a_card_that_nobody_knows_is_told_from_an_empty_reader(bridge: Bridge, place: Place) -> None:
    async with bridge.page() as page:
        wanted = await sign(page)
        place.bay.remove()
        place.bay.insert(Stranger())
        for method, params in (("certificates", {}), ("sign", wanted)):
            assert (await page.refusal(method, params))["code"] == "card_unknown"
        place.bay.remove()
        assert (await page.refusal("sign", wanted))["code"] == "no_card"
    assert bridge.questions() == []
