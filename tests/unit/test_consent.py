"""When the consent window opens, for how many, and when it does not: rules of bridge/consent with a clock of ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection

import pytest

from bridge.consent.asking import WINDOW_SECONDS, Consent, Verdict
from bridge.desk import Desk
from bridge.errors import Busy, OriginDenied, RateLimited
from bridge.gate.origins import SILENT_SECONDS, NotKept, Origins

SITE, POLICY = "https://site.example", "https://policy.example"


class Memory:
    """Grants without a disk."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.granted: dict[str, bool] = {}

    def origins(self) -> Collection[str]:
        return self.granted

    def allow(self, origin: str, *, once: bool) -> None:
        if self.broken:
            raise NotKept("no disk")
        self.granted[origin] = once

    def revoke(self, origin: str) -> None:
        self.granted.pop(origin, None)


class World:
    """A person who is asked by windows of `show`."""

    def __init__(self, kept: Memory | None = None, *, locked: bool = False) -> None:
        self.now = 1000.0
        self.kept = kept or Memory()
        self.shown: list[str] = []
        self.gone = 0
        self._answers: asyncio.Queue[Verdict] = asyncio.Queue()
        self.desk = Desk()
        self.origins = Origins([POLICY], None if locked else self.kept, lambda: self.now)
        self.consent = Consent(self.origins, self.show, self.desk, lambda: self.now)

    async def show(self, origin: str) -> Verdict:
        self.shown.append(origin)
        try:
            return await self._answers.get()
        finally:
            self.gone += 1

    def answer(self, verdict: Verdict) -> None:
        self._answers.put_nowait(verdict)

    async def connect(self, origin: str, verdict: Verdict) -> None:
        self.answer(verdict)
        await self.consent.admit(origin, "connect")


@contextlib.asynccontextmanager
async def asked(world: World, origin: str) -> AsyncIterator[asyncio.Task[None]]:
    """A request that waits at an open window."""
    before = len(world.shown)
    task = asyncio.create_task(world.consent.admit(origin, "connect"))
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(world.shown) == before + 1
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_policys_origins_are_never_asked_about() -> None:
    world = World()
    await world.consent.admit(POLICY, "connect")
    await world.consent.admit(POLICY, "sign")
    assert world.shown == []


@pytest.mark.parametrize(("verdict", "once"), [(Verdict.REMEMBER, False), (Verdict.ONCE, True)])
async def test_a_yes_admits_and_is_kept_as_what_it_was(verdict: Verdict, once: bool) -> None:
    world = World()
    await world.connect(SITE, verdict)
    await world.consent.admit(SITE, "sign")
    assert world.shown == [SITE]
    assert world.kept.granted == {SITE: once}


async def test_a_yes_that_cannot_be_written_counts_until_the_daemon_stops() -> None:
    world = World(Memory(broken=True))
    await world.connect(SITE, Verdict.REMEMBER)
    await world.consent.admit(SITE, "sign")
    world.origins.revoke(SITE)
    with pytest.raises(OriginDenied):
        await world.consent.admit(SITE, "sign")


@pytest.mark.parametrize("method", ["sign", "readers", "certificates", "pin/open", "nothing"])
async def test_no_other_method_asks(method: str) -> None:
    world = World()
    with pytest.raises(OriginDenied):
        await world.consent.admit(SITE, method)
    assert world.shown == []


async def test_a_list_that_policy_fixes_asks_nobody_and_takes_no_grant() -> None:
    world = World(Memory(), locked=True)
    world.kept.granted[SITE] = False
    with pytest.raises(OriginDenied):
        await world.consent.admit(SITE, "connect")
    assert world.shown == []


async def test_after_a_no_the_origin_is_refused_silently_for_ten_minutes() -> None:
    world = World()
    with pytest.raises(OriginDenied):
        await world.connect(SITE, Verdict.NO)
    world.now += SILENT_SECONDS - 1
    with pytest.raises(OriginDenied):
        await world.consent.admit(SITE, "connect")
    assert len(world.shown) == 1
    world.now += 2
    await world.connect(SITE, Verdict.REMEMBER)
    assert len(world.shown) == 2


async def test_a_window_that_never_came_is_no_refusal_of_the_persons() -> None:
    world = World()
    with pytest.raises(OriginDenied):
        await world.connect(SITE, Verdict.UNASKED)
    await world.connect(SITE, Verdict.ONCE)


async def test_three_windows_in_ten_minutes_whoever_asks() -> None:
    world = World()
    for number in range(3):
        with pytest.raises(OriginDenied):
            await world.connect(f"https://{number}.example", Verdict.NO)
    with pytest.raises(RateLimited):
        await world.consent.admit(SITE, "connect")
    assert len(world.shown) == 3
    world.now += WINDOW_SECONDS + 1
    await world.connect(SITE, Verdict.ONCE)


async def test_requests_of_one_origin_share_one_window() -> None:
    world = World()
    async with asked(world, SITE) as first:
        second = asyncio.create_task(world.consent.admit(SITE, "connect"))
        await asyncio.sleep(0)
        world.answer(Verdict.REMEMBER)
        await asyncio.gather(first, second)
    assert world.shown == [SITE]


async def test_another_origin_is_busy_meanwhile_and_is_not_held_against_it() -> None:
    world = World()
    async with asked(world, SITE):
        with pytest.raises(Busy):
            await world.consent.admit("https://other.example", "connect")
    await world.connect("https://other.example", Verdict.ONCE)


async def test_the_window_goes_with_the_last_request_that_waits() -> None:
    world = World()
    async with asked(world, SITE) as first:
        second = asyncio.create_task(world.consent.admit(SITE, "connect"))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert world.gone == 0
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
    await world.connect(SITE, Verdict.ONCE)
    assert world.gone == 2


async def test_a_page_that_is_loaded_again_gets_a_window_of_its_own() -> None:
    world = World()
    async with asked(world, SITE) as first:
        first.cancel()
        again = asyncio.create_task(world.consent.admit(SITE, "connect"))
        world.answer(Verdict.ONCE)
        await again
    assert world.shown == [SITE, SITE]


async def test_closing_takes_the_window_away() -> None:
    world = World()
    async with asked(world, SITE) as waiting:
        await world.consent.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert world.gone == 1


async def test_consent_waits_for_the_cards_window_and_the_card_for_consents() -> None:
    world = World()
    with world.desk.for_card(), pytest.raises(Busy):
        await world.consent.admit(SITE, "connect")
    assert world.shown == []
    async with asked(world, SITE):
        with pytest.raises(Busy), world.desk.for_card():
            pass
    with world.desk.for_card(), world.desk.for_card():
        pass
