"""A card whose authority has not published after how many wrong PINs it locks, over the real chain (invariant 7).

The card itself locks after five; the bridge knows its issuer, and does not read a counter that nobody calls free.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509

from bridge.card.safety.guard import CONFIRMATION
from tests.card.conftest import PIN, Bay
from tests.flow.bridge import Bridge, Page, statement
from tests.virtual import pki
from tests.virtual.piv import Key, PivCard, Slot

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORD = CONFIRMATION["ja"]
RIGHT = f"pin {PIN.decode()}"
LOCKS_AFTER = 5


def issued_by(name: str) -> Key:
    now = datetime.now(UTC)
    authority = pki.Authority.fresh(now, x509.Name.from_rfc4514_string(name))
    return pki.card_key(authority, pki.rsa_key(), now)


@pytest.fixture(scope="module")
def tdb() -> Key:
    return issued_by("OU=TDB CA TypeA,C=JP")


@pytest.fixture
def desk(daemon: Bridge, bay: Bay, tdb: Key) -> tuple[Bridge, PivCard]:
    card = PivCard({Slot.AUTHENTICATION: tdb}, PIN, LOCKS_AFTER)
    bay.insert(card)
    daemon.fresh_card()
    return daemon, card


async def sign(page: Page) -> dict[str, Any]:
    return {"certificate": await page.certificate(), "statement": statement()}


def shown(bridge: Bridge) -> list[tuple[int, str | None]]:
    """Of each window: the failures here, and the words that it demands."""
    return [(asked["failures"], asked["typed"]) for asked in bridge.questions()]


async def test_the_person_reads_unknown_and_no_number(desk: tuple[Bridge, PivCard]) -> None:
    bridge, card = desk
    bridge.plan("pin 111111")
    async with bridge.page() as page:
        refusal = await page.refusal("sign", await sign(page))
        (reader,) = [each for each in (await page.result("readers", {}))["readers"] if each["card"]]
    unknown = {"hint": "unknown", "count": None, "max": None, "source": "profile"}
    assert [asked["tries"] for asked in bridge.questions()] == [unknown]
    assert (refusal["code"], refusal["tries"]) == ("pin_wrong", unknown)
    assert (reader["card"]["profile"], reader["card"]["tries"]) == ("tdb-typea", unknown)
    assert len(card.verifications()) == 1


async def test_failures_here_are_all_that_is_known_to_the_typed_words_and_beyond(
    desk: tuple[Bridge, PivCard],
) -> None:
    """Three is the bound inside: from the third try on each needs its words, and none is a dead end."""
    bridge, card = desk
    bridge.plan(
        "pin 111111", "pin 222222", "pin 333333", f"pin 444444 {WORD}", f"pin 555555 {WORD}", f"{RIGHT} {WORD}", RIGHT
    )
    async with bridge.page() as page:
        asked = await sign(page)
        codes = [(await page.refusal("sign", asked))["code"] for _ in range(5)]
        await page.result("sign", asked)
        await page.result("sign", asked)
    assert codes == ["pin_wrong", "pin_wrong", "pin_last_try", "pin_wrong", "pin_wrong"]
    assert shown(bridge) == [(0, None), (1, None), (2, WORD), (2, WORD), (3, WORD), (4, WORD), (0, None)]
    assert (len(card.verifications()), card.tries_left) == (6, LOCKS_AFTER)


async def test_a_lock_is_known_by_the_cards_word_and_told_with_its_authoritys_way_out(
    desk: tuple[Bridge, PivCard],
) -> None:
    bridge, card = desk
    card.tries_left = 0
    bridge.plan("pin 111111")
    async with bridge.page() as page:
        refusal = await page.refusal("sign", await sign(page))
    assert refusal["code"] == "pin_locked"
    assert "ICカードロック解除用PIN" in refusal["help"]
    assert "https://www.tdb.co.jp/typeA/" in refusal["help"]


async def test_a_published_maximum_is_the_bound_where_the_counter_is_unknown(daemon: Bridge, bay: Bay) -> None:
    card = PivCard({Slot.AUTHENTICATION: issued_by("CN=AOSign CA,C=JP")}, PIN, 10)
    bay.insert(card)
    daemon.fresh_card()
    daemon.plan(*(f"pin {number}" for number in range(100001, 100011)))
    async with daemon.page() as page:
        asked = await sign(page)
        codes = [(await page.refusal("sign", asked))["code"] for _ in range(10)]
    assert codes == ["pin_wrong"] * 9 + ["pin_last_try"]
    assert shown(daemon) == [(count, None) for count in range(9)] + [(9, WORD)]
    assert {(each["tries"]["count"], each["tries"]["max"]) for each in daemon.questions()} == {(None, 10)}
    assert card.tries_left == 1
