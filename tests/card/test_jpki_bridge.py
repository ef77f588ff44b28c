"""A page and マイナンバーカード: the signature certificate comes after its PIN, to the page that asked and no other."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.card import jpki_cards, openssl
from tests.card.conftest import OPENSC, Bay, Chain
from tests.flow.bridge import OTHER, Bridge, Page, prepare, statement
from tests.virtual import pki
from tests.virtual.jpki import Contents, JpkiCard

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHT, WRONG = "pin ABC123", "pin WRONG1"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, chain: Chain) -> AsyncIterator[Bridge]:
    bridge = prepare(tmp_path_factory.mktemp("jpki"))
    await bridge.start(card={"practice": False, "modules": [str(OPENSC)]})
    try:
        yield bridge
    finally:
        await bridge.stop()


@pytest.fixture(scope="module")
def contents(authority: pki.Authority) -> Contents:
    return jpki_cards.contents(authority, datetime.now(UTC))


@pytest.fixture
def card(bay: Bay, contents: Contents) -> JpkiCard:
    card = JpkiCard(contents)
    bay.insert(card)
    return card


@pytest.fixture
def bridge(running: Bridge, card: JpkiCard) -> Iterator[Bridge]:
    running.fresh_card()
    yield running
    running.plan()


async def listed(page: Page) -> tuple[dict[str, Any], dict[str, Any]]:
    """The authentication certificate and the locked signature certificate."""
    auth, locked = (await page.result("certificates", {"all": True}))["certificates"]
    return auth, locked


async def opened(page: Page) -> dict[str, Any]:
    _, locked = await listed(page)
    return await page.result("pin/open", {"card": locked["card"], "action": "署名"})


def verified(cms: str, authority: pki.Authority, directory: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(openssl.opened(directory, authority.pem(), base64.b64decode(cms)))
    return content


async def test_before_its_pin_the_signature_certificate_is_a_card_without_a_name(
    bridge: Bridge, contents: Contents
) -> None:
    async with bridge.page() as page:
        auth, locked = await listed(page)
        only = [await page.result("certificates", {"purpose": purpose}) for purpose in ("sign", "auth")]
    assert base64.b64decode(auth["der"]) == contents.auth.certificate
    assert locked == {"card": locked["card"], "profile": "jpki-sign", "locked": True}
    assert locked["card"] != auth["id"], "each PIN is counted apart"
    assert only == [{"certificates": [locked]}, {"certificates": [auth]}]


async def test_the_pin_brings_the_certificate_to_the_page_that_asked_and_to_no_other(
    bridge: Bridge, contents: Contents
) -> None:
    bridge.plan(RIGHT)
    async with bridge.page() as page, bridge.page(OTHER) as other:
        session = await opened(page)
        assert base64.b64decode(session["certificate"]["der"]) == contents.sign.certificate
        assert [(await listed(each))[1]["locked"] for each in (page, other)] == [True, True]
    (question,) = bridge.questions()
    assert question["certificate"] is None
    assert (question["card"]["label"], question["tries"]["count"]) == ("マイナンバーカード（署名用）", 5)
    assert question["pin"] == {"min": 6, "max": 16, "characters": "alphanumeric-upper"}


async def test_a_statement_is_signed_with_the_certificate_that_the_pin_brought(
    bridge: Bridge, card: JpkiCard, authority: pki.Authority, tmp_path: Path
) -> None:
    """This key wants its PIN for each signature: the second window asks again, and now names the holder."""
    bridge.plan(RIGHT, RIGHT)
    async with bridge.page() as page:
        session = await opened(page)
        wanted = {"certificate": session["certificate"]["id"], "statement": statement()}
        signed = await page.result("sign", {**wanted, "pinSession": session["pinSession"]})
    content = verified(signed["statement"], authority, tmp_path)
    assert content["cert"] == {"sha256": session["certificate"]["id"]}
    assert [each["certificate"] and each["certificate"]["holder"] for each in bridge.questions()] == [None, "北東 次郎"]
    assert len(card.verifications()) == 3, "one for the session, two for a login and its signature"
    assert not card.sign_pin.verified


async def test_its_id_is_good_for_a_later_signature_with_a_pin_of_its_own(
    bridge: Bridge, authority: pki.Authority, tmp_path: Path
) -> None:
    bridge.plan(RIGHT, RIGHT)
    async with bridge.page() as page:
        session = await opened(page)
        await page.result("pin/close", {"pinSession": session["pinSession"]})
        wanted = {"certificate": session["certificate"]["id"], "statement": statement()}
        signed = await page.result("sign", wanted)
    assert verified(signed["statement"], authority, tmp_path)["v"] == 1


async def test_wrong_pins_are_counted_for_their_own_pin_to_the_typed_words_and_no_further(
    bridge: Bridge, card: JpkiCard
) -> None:
    bridge.plan(*(f"pin WRONG{number}" for number in range(1, 6)))
    async with bridge.page() as page:
        auth, locked = await listed(page)
        asked = {"card": locked["card"], "action": "署名"}
        codes = [(await page.refusal("pin/open", asked))["code"] for _ in range(5)]
        tries = [reader["card"] and reader["card"]["tries"] for reader in (await page.result("readers", {}))["readers"]]
    assert codes == ["pin_wrong"] * 4 + ["pin_last_try"]
    assert (card.sign_pin.tries_left, card.auth_pin.tries_left) == (1, 3)
    assert tries[0]["count"] == 1
    ledger = json.loads((bridge.directory / "card" / "ledger.json").read_text(encoding="utf-8"))["cards"]
    assert locked["card"] in ledger
    assert auth["id"] not in ledger


async def test_a_locked_signature_pin_opens_no_window_and_tells_where_it_is_unlocked(
    bridge: Bridge, card: JpkiCard
) -> None:
    card.sign_pin.tries_left = 0
    async with bridge.page() as page:
        _, locked = await listed(page)
        refusal = await page.refusal("pin/open", {"card": locked["card"], "action": "署名"})
    assert refusal["code"] == "pin_locked"
    assert "市区町村" in refusal["help"]
    assert bridge.questions() == []


async def test_the_authentication_certificate_signs_logins_alone(
    bridge: Bridge, card: JpkiCard, authority: pki.Authority, tmp_path: Path
) -> None:
    bridge.plan("pin 1234")
    async with bridge.page() as page:
        auth, _ = await listed(page)
        refusal = await page.refusal("sign", {"certificate": auth["id"], "statement": statement()})
        assert (refusal["code"], bridge.questions()) == ("certificate_unsuitable", [])
        signed = await page.result("sign", {"certificate": auth["id"], "statement": statement(type="login")})
    assert verified(signed["statement"], authority, tmp_path)["cert"] == {"sha256": auth["id"]}
    assert (len(card.verifications()), card.auth_pin.verified) == (1, False)


async def test_the_authentication_pin_opens_no_way_to_the_signature_key(bridge: Bridge, card: JpkiCard) -> None:
    bridge.plan(RIGHT, "pin 1234")
    async with bridge.page() as page:
        shown = await opened(page)
        await page.result("pin/close", {"pinSession": shown["pinSession"]})
        auth, _ = await listed(page)
        session = await page.result("pin/open", {"certificate": auth["id"], "action": "ログイン"})
        wanted = {"certificate": shown["certificate"]["id"], "statement": statement()}
        refusal = await page.refusal("sign", {**wanted, "pinSession": session["pinSession"]})
        await page.result("pin/close", {"pinSession": session["pinSession"]})
    assert refusal["code"] == "pin_session_ended"
    assert (len(bridge.questions()), card.sign_pin.verified) == (2, False)


async def test_nobody_signs_with_a_certificate_that_no_pin_has_shown(
    bridge: Bridge, bay: Bay, authority: pki.Authority
) -> None:
    fresh = jpki_cards.contents(authority, datetime.now(UTC))
    bay.remove()
    bay.insert(JpkiCard(fresh))
    wanted = {"certificate": hashlib.sha256(fresh.sign.certificate).hexdigest(), "statement": statement()}
    async with bridge.page() as page:
        assert (await page.refusal("sign", wanted))["code"] == "no_certificate"
    assert bridge.questions() == []


async def test_another_persons_card_has_other_names(bridge: Bridge, bay: Bay, authority: pki.Authority) -> None:
    async with bridge.page() as page:
        _, mine = await listed(page)
        bay.remove()
        bay.insert(JpkiCard(jpki_cards.contents(authority, datetime.now(UTC))))
        _, theirs = await listed(page)
        refusal = await page.refusal("pin/open", {"card": mine["card"], "action": "署名"})
    assert mine["card"] != theirs["card"]
    assert refusal["code"] == "no_certificate"
    assert bridge.questions() == []
