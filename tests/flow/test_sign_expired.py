"""A card that has expired signs for nobody, but for the origins that the settings name."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from bridge.card.practice import pki as practice_pki
from bridge.card.practice import slot as practice_slot
from tests.flow.bridge import ORIGIN, OTHER, Bridge, Page, prepare, statement

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXPIRED = "expired"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def daemon(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    """A bridge with an expired card in its reader, which may sign for one origin."""
    made = prepare(tmp_path_factory.mktemp("bridge"))
    now = datetime.now(UTC)
    before, until = now - timedelta(days=900), now - timedelta(days=2)
    practice_pki.issue_card(made.practice, EXPIRED, practice_pki.SUBJECT, 99, before, until)
    try:
        await made.start(origins={"allowed": [ORIGIN, OTHER], "expired": [ORIGIN]})
        yield made
    finally:
        await made.stop()


@pytest.fixture
def bridge(daemon: Bridge) -> Bridge:
    daemon.fresh_card()
    practice_slot.insert(daemon.practice, EXPIRED)
    daemon.plan("pin 1234")
    return daemon


async def wish(page: Page) -> dict[str, Any]:
    [certificate] = (await page.result("certificates", {}))["certificates"]
    assert certificate["state"] == "expired"
    return {"certificate": certificate["id"], "statement": statement()}


async def test_for_an_origin_that_the_settings_name_it_signs_in_its_window(bridge: Bridge) -> None:
    async with bridge.page(ORIGIN) as page:
        params = await wish(page)
        signed = await page.result("sign", params)
    [question] = bridge.questions()
    assert question["certificate"]["serial"] == "99"
    assert _openssl(bridge, signed["statement"], "certificate has expired")
    assert _openssl(bridge, signed["statement"], "Verification successful", "-no_check_time")


async def test_for_any_other_origin_it_opens_no_window(bridge: Bridge) -> None:
    async with bridge.page(OTHER) as page:
        refused = await page.refusal("sign", await wish(page))
    assert refused["code"] == "certificate_expired"
    assert bridge.questions() == []


def _openssl(bridge: Bridge, cms: str, said: str, *more: str) -> bool:
    path = bridge.directory / "statement.p7m"
    path.write_bytes(base64.b64decode(cms))
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", str(path), "-purpose", "any"]
    anchor = ["-CAfile", str(bridge.practice / "ca.pem")]
    result = subprocess.run([*command, *anchor, *more], capture_output=True, text=True, check=False)
    return said in result.stderr
