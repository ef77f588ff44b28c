"""A card whose certificate is for authentication: it logs in, and signs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bridge.card.practice import card as practice
from bridge.card.practice import pki as practice_pki
from tests.flow.bridge import Bridge, statement
from tests.virtual import pki

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def login_card(bridge: Bridge) -> Iterator[Bridge]:
    """The bridge with such a card in its reader."""
    before, now, key = practice.read(bridge.practice), datetime.now(UTC), pki.rsa_key()
    der = pki.Authority.fresh(now).issue(key, now, usages=("digital_signature",))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    practice.write(bridge.practice, practice.Card.fresh(der, (), pem, practice_pki.PIN))
    yield bridge
    practice.write(bridge.practice, before)


async def test_a_key_for_logins_signs_nothing_else(login_card: Bridge) -> None:
    login_card.plan("pin 1234")
    async with login_card.page() as page:
        (listed,) = (await page.result("certificates", {"purpose": "auth"}))["certificates"]
        for kind in ("registration", "change", "log-in", "login2"):
            asked = {"certificate": listed["id"], "statement": statement(type=kind)}
            assert (await page.refusal("sign", asked))["code"] == "certificate_unsuitable"
        assert login_card.questions() == [], "refused before a window opens"
        asked = {"certificate": listed["id"], "statement": statement(type="login")}
        assert (await page.result("sign", asked))["statement"]
    assert listed["purpose"] == "auth"


async def test_its_pin_session_does_not_help_either(login_card: Bridge) -> None:
    login_card.plan("pin 1234", "yes")
    async with login_card.page() as page:
        certificate = (await page.result("certificates", {"purpose": "auth"}))["certificates"][0]["id"]
        session = await page.result("pin/open", {"certificate": certificate, "action": "ログイン"})
        asked = {"certificate": certificate, "statement": statement(), "pinSession": session["pinSession"]}
        assert (await page.refusal("sign", asked))["code"] == "certificate_unsuitable"
        await page.result("pin/close", {"pinSession": session["pinSession"]})
    assert len(login_card.questions()) == 1
