"""Several certificates for a page: PIV cards in two readers, and keys of SoftHSM beside them."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.card.conftest import OPENSC, PIN, Bay, Chain
from tests.flow.bridge import ORIGIN, OTHER, Bridge, Page, prepare, statement
from tests.virtual import pki, softhsm
from tests.virtual.piv import Key, PivCard, Slot

pytestmark = pytest.mark.asyncio(loop_scope="module")

HSM_PIN = "87651234"
NOW = datetime.now(UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(
    tmp_path_factory: pytest.TempPathFactory, chain: Chain, authority: pki.Authority
) -> AsyncIterator[Bridge]:
    directory = tmp_path_factory.mktemp("choice")
    hsm = softhsm.SoftHsm(directory)
    for serial in (201, 202):
        hsm.add(f"key {serial}", HSM_PIN, softhsm.Held(key(authority, serial)))
    bridge = prepare(directory)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in hsm.environment.items():
            patch.setenv(name, value)
        await bridge.start(card={"practice": False, "modules": [str(OPENSC), str(softhsm.LIBRARY)]})
    try:
        yield bridge
    finally:
        await bridge.stop()


@pytest.fixture
def bridge(running: Bridge) -> Iterator[Bridge]:
    running.fresh_card()
    (running.directory / "card" / "choices.json").unlink(missing_ok=True)
    yield running
    running.plan()


def key(authority: pki.Authority, serial: int, **facts: Any) -> Key:
    private = pki.ec_key()
    return Key(private, authority.issue(private, NOW, serial=serial, **facts))


@pytest.fixture
def cards(bay: Bay, other_bay: Bay, authority: pki.Authority) -> None:
    """A card with two certificates for signatures, and one whose certificate has expired."""
    soon = key(authority, 102, not_after=NOW + timedelta(days=30))
    bay.insert(PivCard({Slot.AUTHENTICATION: key(authority, 101), Slot.SIGNATURE: soon}, PIN))
    gone = key(authority, 103, not_after=NOW - timedelta(hours=1))
    other_bay.insert(PivCard({Slot.AUTHENTICATION: gone}, PIN, guid=bytes([9] * 16)))


def forget(bridge: Bridge, origin: str) -> None:
    """As a person does in a terminal."""
    command = (sys.executable, "-m", "bridge.cli", "choices", "forget", origin)
    subprocess.run([*command, "--config", str(bridge.directory / "bridge.toml")], check=True, capture_output=True)


def signer(cms: str, authority: pki.Authority, directory: Path) -> str:
    """Serial number of who signed, by openssl, when the signature verifies."""
    (directory / "statement.p7m").write_bytes(base64.b64decode(cms))
    (directory / "ca.pem").write_bytes(authority.pem())
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "statement.p7m", "-purpose", "any"]
    subprocess.run([*command, "-CAfile", "ca.pem", "-signer", "signer.pem"], cwd=directory, check=True)
    told = ["openssl", "x509", "-in", "signer.pem", "-noout", "-serial"]
    shown = subprocess.run(told, cwd=directory, check=True, capture_output=True).stdout.decode()
    return str(int(shown.strip().removeprefix("serial="), 16))


async def listed(page: Page, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await page.result("certificates", {"purpose": "sign", **params}))["certificates"]
    return found


@pytest.mark.usefixtures("cards")
async def test_the_window_lists_every_certificate_and_offers_those_that_can_sign(bridge: Bridge) -> None:
    bridge.plan("choose 0")
    async with bridge.page() as page:
        (chosen,) = await listed(page)
    (question,) = bridge.questions()
    first, *others = question["choice"]["candidates"]
    assert (question["kind"], question["origin"], question["choice"]["purpose"]) == ("choose", ORIGIN, "sign")
    assert [each["state"] for each in (first, *others)] == ["valid"] * 4 + ["expired"]
    assert {each["holder"] for each in others} == {"北東 次郎"}
    assert len({each["reader"] for each in (first, *others)}) == 4
    assert (first["reader"], first["issuer"], first["expiry"], first["days"]) == tuple(
        chosen[name] for name in ("reader", "issuer", "expiry", "daysLeft")
    )


@pytest.mark.usefixtures("cards")
async def test_the_choice_is_remembered_for_its_origin_until_it_is_taken_back(bridge: Bridge) -> None:
    bridge.plan("choose 1", "choose 2", "choose 3")
    async with bridge.page() as page, bridge.page(OTHER) as other:
        first = await listed(page)
        assert await listed(page) == first
        assert await listed(other) != first
        assert len(bridge.questions()) == 2
        forget(bridge, ORIGIN)
        assert await listed(page) != first
        await listed(other)
    assert len(bridge.questions()) == 3


@pytest.mark.usefixtures("cards")
async def test_once_is_once_and_cancelling_is_no_choice(bridge: Bridge) -> None:
    bridge.plan("choose 1 once", "cancel", "choose 4", "choose 9", "yes")
    async with bridge.page() as page:
        await listed(page)
        codes = [(await page.refusal("certificates", {"purpose": "sign"}))["code"] for _ in range(4)]
    assert codes == ["consent_cancelled", *["internal"] * 3], "an expired one, none at all, no number"
    assert not (bridge.directory / "card" / "choices.json").exists()


@pytest.mark.usefixtures("cards")
async def test_who_only_looks_opens_no_window_and_sees_which_expires(bridge: Bridge) -> None:
    async with bridge.page() as page:
        found = await listed(page, all=True)
    assert {each["serial"]: (each["state"], each["expiresSoon"]) for each in found} == {
        "101": ("valid", False),
        "102": ("valid", True),
        "103": ("expired", False),
        "201": ("valid", False),
        "202": ("valid", False),
    }
    assert bridge.questions() == []


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize(("serial", "digits"), [("101", PIN.decode()), ("102", PIN.decode()), ("202", HSM_PIN)])
async def test_a_page_that_names_a_certificate_gets_that_one_with_its_own_pin(
    bridge: Bridge, authority: pki.Authority, tmp_path: Path, serial: str, digits: str
) -> None:
    bridge.plan("choose 0", f"pin {digits}")
    async with bridge.page() as page:
        await listed(page)
        named = next(each for each in await listed(page, all=True) if each["serial"] == serial)
        signed = await page.result("sign", {"certificate": named["id"], "statement": statement()})
    assert signer(signed["statement"], authority, tmp_path) == serial
    asked = bridge.questions()[-1]["certificate"]
    assert (asked["serial"], asked["days"]) == (serial, named["daysLeft"])


async def test_one_certificate_for_the_purpose_is_no_question(
    bridge: Bridge, bay: Bay, authority: pki.Authority
) -> None:
    """Those for signatures beside it do not count for a login."""
    login = key(authority, 104, usages=("digital_signature",))
    bay.insert(PivCard({Slot.AUTHENTICATION: login}, PIN))
    async with bridge.page() as page:
        (only,) = (await page.result("certificates", {"purpose": "auth"}))["certificates"]
    assert (only["serial"], bridge.questions()) == ("104", [])


async def test_a_choice_whose_card_is_away_is_asked_for_again_and_kept_when_the_card_is_back(
    bridge: Bridge, bay: Bay, authority: pki.Authority
) -> None:
    mine = PivCard({Slot.AUTHENTICATION: key(authority, 105)}, PIN)
    bay.insert(mine)
    async with bridge.page() as page:
        (place,) = [n for n, each in enumerate(await listed(page, all=True)) if each["serial"] == "105"]
        bridge.plan(f"choose {place}", "choose 0 once")
        assert [each["serial"] for each in await listed(page)] == ["105"]
        bay.remove()
        assert [each["serial"] for each in await listed(page)] != ["105"]
        bay.insert(mine)
        assert [each["serial"] for each in await listed(page)] == ["105"]
    assert len(bridge.questions()) == 2
