"""`card-bridge practice --scenario NAME`: what a portal's developer gets to see of each mishap, through the bridge."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bridge.card.practice import slot as practice_slot
from bridge.card.practice.scenarios import SLOW_SECONDS, Scenario
from tests.flow.bridge import Bridge, Page, prepare, statement

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUIDE = Path(__file__).parents[2] / "docs/portal-guide.md"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def daemon(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    """A bridge that gives a card ten seconds: the one that is stuck takes no longer."""
    made = prepare(tmp_path_factory.mktemp("bridge"))
    try:
        await made.start(card={"host_deadline_seconds": 10})
        yield made
    finally:
        await made.stop()


def command(bridge: Bridge, *arguments: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "practice", *arguments]
    config = ["--config", str(bridge.directory / "bridge.toml")]
    return subprocess.run([*whole, *config], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def begin(bridge: Bridge, scenario: Scenario, *steps: str) -> None:
    bridge.plan(*steps)
    done = command(bridge, "--scenario", scenario)
    assert done.returncode == 0, done.stderr


async def wish(page: Page) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement()}


@pytest.mark.parametrize(
    ("scenario", "state"),
    [(Scenario.EXPIRED, "expired"), (Scenario.NOT_YET_VALID, "notYetValid"), (Scenario.UNSUITABLE, "unsuitable")],
)
async def test_a_certificate_that_will_not_do_opens_no_window(bridge: Bridge, scenario: Scenario, state: str) -> None:
    begin(bridge, scenario, "pin 1234")
    async with bridge.page() as page:
        [certificate] = (await page.result("certificates", {}))["certificates"]
        refused = await page.refusal("sign", {"certificate": certificate["id"], "statement": statement()})
    codes = {"expired": "certificate_expired", "notYetValid": "certificate_not_yet_valid"}
    assert (certificate["state"], refused["code"]) == (state, codes.get(state, "certificate_unsuitable"))
    assert bridge.questions() == []


async def test_wrong_pin_refuses_the_practice_pin_and_counts(bridge: Bridge) -> None:
    begin(bridge, Scenario.WRONG_PIN, "pin 1234", "pin 12345678")
    async with bridge.page() as page:
        refused = [await page.refusal("sign", await wish(page)) for _ in range(2)]
    assert [(one["code"], one["tries"]["count"]) for one in refused] == [("pin_wrong", 2), ("pin_wrong", 1)]


async def test_last_try_asks_for_typed_words(bridge: Bridge) -> None:
    begin(bridge, Scenario.LAST_TRY, "pin 1234")
    async with bridge.page() as page:
        refused = await page.refusal("sign", await wish(page))
    assert (refused["code"], bridge.questions()[0]["tries"]["hint"]) == ("pin_last_try", "last")


async def test_locked_opens_no_window(bridge: Bridge) -> None:
    begin(bridge, Scenario.LOCKED, "pin 1234")
    async with bridge.page() as page:
        refused = await page.refusal("sign", await wish(page))
    assert (refused["code"], bridge.questions()) == ("pin_locked", [])


async def test_removed_is_out_of_its_reader_while_it_signs(bridge: Bridge) -> None:
    begin(bridge, Scenario.REMOVED, "pin 1234")
    async with bridge.page() as page:
        refused = await page.refusal("sign", await wish(page))
        assert (await page.refusal("certificates", {}))["code"] == "no_card"
    assert (refused["code"], practice_slot.insertion(bridge.practice)) == ("card_removed", None)


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        (Scenario.FAILED, "card_failed"),
        (Scenario.CRASHED, "module_failed"),
        (Scenario.STUCK, "module_timeout"),
    ],
)
async def test_a_card_that_fails_to_sign(bridge: Bridge, scenario: Scenario, code: str) -> None:
    begin(bridge, scenario, "pin 1234", "pin 1234")
    async with bridge.page() as page:
        assert (await page.refusal("sign", await wish(page)))["code"] == code
        assert command(bridge, "insert").returncode == 0
        assert "statement" in await page.result("sign", await wish(page))


async def test_slow_signs_after_all(bridge: Bridge) -> None:
    begin(bridge, Scenario.SLOW, "pin 1234")
    async with bridge.page() as page:
        params = await wish(page)
        began = time.monotonic()
        signing = asyncio.create_task(page.result("sign", params))
        await bridge.open_window(1)
        assert "statement" in await signing
    assert time.monotonic() - began >= SLOW_SECONDS


async def test_a_scenario_begins_anew_each_time(bridge: Bridge) -> None:
    async with bridge.page() as page:
        for _ in range(2):
            begin(bridge, Scenario.WRONG_PIN, "pin 1234")
            assert (await page.refusal("sign", await wish(page)))["tries"]["count"] == 2


async def test_the_guide_has_a_row_for_each_scenario_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(Scenario)


@pytest.mark.parametrize("arguments", [(), ("insert", "--scenario", "slow"), ("--scenario", "unheard-of")])
async def test_the_command_takes_one_thing_at_a_time(bridge: Bridge, arguments: tuple[str, ...]) -> None:
    before = practice_slot.insertion(bridge.practice)
    assert command(bridge, *arguments).returncode == 2
    assert practice_slot.insertion(bridge.practice) == before
