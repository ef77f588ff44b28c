"""A vendor's library that crashes, hangs, lies or chatters costs one request, with the right code."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from tests.flow.bridge import Bridge, Page, gone, prepare, statement
from tests.flow.test_sign import count_in_memory, host_pid
from tests.virtual import pki, softhsm
from tests.virtual.vendor import Vendor

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIN = "Zq7-xW93kLmP"


class Desk(NamedTuple):
    bridge: Bridge
    vendor: Vendor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A daemon whose only library is the vendor's, over a SoftHSM token."""
    root, now = tmp_path_factory.mktemp("vendor"), datetime.now(UTC)
    key = pki.card_key(pki.Authority.fresh(now), pki.rsa_key(), now)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in softhsm.make(root, key, PIN).items():
            patch.setenv(name, value)
        patch.setenv("PCSCLITE_CSOCK_NAME", str(root / "none"))  # other tests' readers are not this daemon's
        bridge, vendor = prepare(root / "bridge"), Vendor(root)
        card = {"practice": False, "modules": [str(vendor.library)], "host_deadline_seconds": 2}
        await bridge.start(card=card)
        try:
            yield Desk(bridge, vendor)
        finally:
            await bridge.stop()


@pytest.fixture
def desk(running: Desk) -> Desk:
    running.vendor.behave()
    running.bridge.fresh_card()
    running.bridge.plan(*[f"pin {PIN}"] * 3)
    return running


async def sign(page: Page, certificate: str) -> tuple[int, dict[str, Any]]:
    return await page.post("sign", {"certificate": certificate, "statement": statement()})


@pytest.mark.parametrize(
    ("function", "fault", "code"),
    [
        ("C_Sign", "crash", "module_failed"),
        ("C_Sign", "hang", "module_timeout"),
        ("C_Sign", "refuse", "card_failed"),
        ("C_Sign", "garbage", "card_failed"),
        ("C_Login", "crash", "module_failed"),
        ("C_Login", "hang", "module_timeout"),
        ("C_Login", "refuse", "card_failed"),
    ],
)
async def test_a_fault_while_signing(desk: Desk, function: str, fault: str, code: str) -> None:
    async with desk.bridge.page() as page:
        certificate = await page.certificate()
        host = host_pid(desk.bridge)
        desk.vendor.misbehave(function, fault)
        status, body = await sign(page, certificate)
        assert (status >= 400, body["code"]) == (True, code), body
        desk.vendor.behave()
        if code.startswith("module_"):
            assert await gone(host), "an orphan"
        status, body = await sign(page, certificate)
        assert status == 200, body
    assert len(desk.bridge.questions()) == 2, "one window for each request, none besides"


@pytest.mark.parametrize(
    ("function", "fault", "code"),
    [
        ("C_GetSlotList", "crash", "module_failed"),
        ("C_GetSlotList", "hang", "module_timeout"),
        ("C_GetSlotList", "refuse", "module_failed"),
        ("C_GetTokenInfo", "crash", "module_failed"),
        ("C_GetTokenInfo", "refuse", "card_failed"),
        ("C_GetAttributeValue", "refuse", "card_failed"),
        ("C_GetAttributeValue", "garbage", "no_reader"),  # nothing on the token is a certificate
    ],
)
async def test_a_fault_while_listing(desk: Desk, function: str, fault: str, code: str) -> None:
    async with desk.bridge.page() as page:
        desk.vendor.misbehave(function, fault)
        status, body = await page.post("certificates", {})
        assert (status >= 400, body["code"]) == (True, code), body
        desk.vendor.behave()
        assert await page.certificate()


async def test_a_library_that_does_not_start(desk: Desk) -> None:
    async with desk.bridge.page() as page:
        certificate = await page.certificate()
        desk.vendor.misbehave("C_Sign", "crash")  # ends the host that has the library loaded
        await sign(page, certificate)
        for fault, code in (("crash", "module_failed"), ("hang", "module_timeout"), ("refuse", "module_failed")):
            desk.vendor.misbehave("C_Initialize", fault)
            assert (await page.refusal("certificates", {}))["code"] == code
        desk.vendor.behave()
        assert await page.certificate() == certificate


async def test_nonsense_about_the_token_harms_nothing(desk: Desk) -> None:
    desk.vendor.misbehave("C_GetTokenInfo", "garbage")
    async with desk.bridge.page() as page:
        (found,) = (await page.result("certificates", {}))["certificates"]
        assert found["serial"] == "121"
        (reader,) = (await page.result("certificates", {"all": True}))["certificates"]
        assert reader["id"] == found["id"]


async def test_what_a_library_prints_goes_nowhere(desk: Desk) -> None:
    """A debug build that prints the PIN, in a form that could be taken for a frame."""
    desk.vendor.misbehave("C_Login", "print")
    async with desk.bridge.page() as page:
        certificate = await page.certificate()
        status, body = await sign(page, certificate)
    assert (status, set(body)) == (200, {"statement", "receipt"})
    assert desk.bridge.process is not None
    assert count_in_memory(desk.bridge.process.pid, PIN.encode()) == 0
    (desk.bridge.directory / "plan").unlink()
    kept = [path for path in desk.bridge.directory.rglob("*") if path.is_file()]
    assert not [path for path in kept if PIN.encode() in path.read_bytes()]


async def test_no_zombie_is_left(desk: Desk) -> None:
    assert desk.bridge.process is not None
    assert "Z" not in _children(desk.bridge.process.pid)


def _children(pid: int) -> list[str]:
    """State letters of a process's children."""
    states = [_state(entry) for entry in Path("/proc").glob("[0-9]*/stat")]
    return [state for parent, state in states if parent == pid]


def _state(entry: Path) -> tuple[int, str]:
    """Parent and state letter of a process (proc(5))."""
    try:
        state, parent, *_ = entry.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return os.getpid(), ""
    return int(parent), state
