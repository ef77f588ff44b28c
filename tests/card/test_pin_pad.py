"""A page and a reader with keys of its own: the PIN is typed there, and the bridge never has it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from bridge.card.safety.ledger import Ledger
from tests.card import openssl
from tests.flow.bridge import Bridge, prepare, statement
from tests.virtual import pki, softhsm
from tests.virtual.softhsm import Held
from tests.virtual.vendor import Vendor

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIN = "Zq7-xW93kLmP"


class Desk(NamedTuple):
    bridge: Bridge
    vendor: Vendor
    authority: pki.Authority


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A daemon whose only library has a PIN pad; its key wants the PIN for each signature."""
    root, now = tmp_path_factory.mktemp("pad"), datetime.now(UTC)
    authority, hsm = pki.Authority.fresh(now), softhsm.SoftHsm(root)
    hsm.add("pad", PIN, Held(pki.card_key(authority, pki.rsa_key(), now), always_authenticate=True))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in hsm.environment.items():
            patch.setenv(name, value)
        patch.setenv("PCSCLITE_CSOCK_NAME", str(root / "none"))  # other tests' readers are not this daemon's
        bridge, vendor = prepare(root / "bridge"), Vendor(root)
        await bridge.start(card={"practice": False, "modules": [str(vendor.library)]})
        try:
            yield Desk(bridge, vendor, authority)
        finally:
            await bridge.stop()


@pytest.fixture
def desk(running: Desk) -> Desk:
    running.bridge.fresh_card()
    running.bridge.plan(*["yes"] * 3)
    return running


def spent(bridge: Bridge) -> int:
    """Refused PINs that the ledger holds of the one card."""
    (card,) = Ledger(bridge.directory / "card" / "ledger.json")._load().values()
    return card.spent


async def test_a_statement_is_signed_by_what_is_typed_on_the_reader(desk: Desk, tmp_path: Path) -> None:
    """Once for the login, once for the signature; the window has no field and stays until both are done."""
    desk.vendor.pad(PIN, PIN)
    async with desk.bridge.page() as page:
        signed = await page.result("sign", {"certificate": await page.certificate(), "statement": statement()})
        listed = (await page.result("readers", {}))["readers"]
    (question,) = desk.bridge.questions()
    assert (question["pinPad"], question["pin"]) == (True, None)
    assert listed == []
    content = openssl.opened(tmp_path, desk.authority.pem(), base64.b64decode(signed["statement"]))
    assert json.loads(content)["v"] == 1
    assert spent(desk.bridge) == 0


@pytest.mark.parametrize(
    ("typed", "code", "counted"),
    [
        ((), "pin_cancelled", 0),
        (("0000",), "pin_wrong", 1),
        ((PIN,), "pin_cancelled", 0),
        ((PIN, "0000"), "pin_wrong", 1),
    ],
    ids=["given up", "wrong", "given up at the second", "wrong at the second"],
)
async def test_what_goes_wrong_at_the_keys_has_its_own_code(
    desk: Desk, typed: tuple[str, ...], code: str, counted: int
) -> None:
    desk.vendor.pad(*typed)
    async with desk.bridge.page() as page:
        refusal = await page.refusal("sign", {"certificate": await page.certificate(), "statement": statement()})
    assert refusal["code"] == code
    assert len(desk.bridge.questions()) == 1, "nothing follows a refusal"
    assert spent(desk.bridge) == counted
