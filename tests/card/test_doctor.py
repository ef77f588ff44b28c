"""What the doctor says of service, readers and cards, over a real PC/SC service and OpenSC."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.doctor import pcsc
from bridge.doctor.pcsc import Service
from tests.card import other_program
from tests.card.conftest import OPENSC, PIN, Bay, Chain
from tests.flow.bridge import Bridge, statement
from tests.flow.doctor import Line, ask, settings
from tests.procedure.example import CERTIFICATE
from tests.virtual import pki
from tests.virtual.piv import Key, PivCard, Slot


class Mute:
    """A chip whose contacts are dirty: there is a card, and each time it gets power no answer to reset."""

    def __init__(self) -> None:
        self._silent = False

    @property
    def atr(self) -> bytes:
        """Asked for by the driver as the answer to reset, and at other times to see whether a card is there."""
        silent, self._silent = self._silent, False
        return b"" if silent else b"\x3b\x00"

    @atr.setter
    def atr(self, value: bytes) -> None:
        raise AssertionError(value)

    def power_off(self) -> None:
        self._silent = True

    def transmit(self, apdu: bytes) -> bytes:
        return b""


@pytest.fixture
def config(tmp_path: Path, chain: Chain) -> Path:
    file = settings(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("modules = []", f'modules = ["{OPENSC}"]'))
    return file


@pytest.fixture
def emptied(bay: Bay) -> Iterator[Bay]:
    yield bay
    bay.remove()


def test_a_service_that_is_stopped_and_started_again(config: Path, chain: Chain, bay: Bay) -> None:
    chain.service.stop()
    try:
        assert pcsc.look().service is Service.ABSENT
        told = ask(config)
        assert not told.only("service").ok
        assert "pcscd.socket" in told.only("service").en
        assert {"reader", "card"}.isdisjoint(told.lines)  # nothing is said of what nobody could see
    finally:
        chain.service.start()
    told = ask(config)
    assert "service" not in told.lines
    assert told.only("reader").ok
    assert bay.name in told.only("reader").en
    assert told.only("card") == Line(False, "Insert your card.", "ICカードを差し込んでください。")


def test_a_card_is_told_without_its_holder_unless_that_is_asked_for(config: Path, card: PivCard) -> None:
    told = ask(config)
    assert told.only("card").ok
    assert "PIV" in told.only("card_profile").en
    assert told.only("card_certificate") == Line(
        True, "the card's certificate is good until 2032/11/20", "ICカードの証明書の期限: 2032/11/20"
    )
    whose = [CERTIFICATE[name] for name in ("holder", "organization", "issuer")]
    assert not any(word in told.text for word in whose)
    personal = ask(config, "--personal").only("card_certificate").en
    assert all(word in personal for word in (*whose, f"; {CERTIFICATE['serial']}]"))


@pytest.mark.parametrize(
    ("days", "ok", "said"),
    [(-1, False, "expired on"), (30, False, "ends in 30 days"), (59, False, "order a new card"), (62, True, "good")],
)
def test_the_end_of_a_certificate(
    config: Path, emptied: Bay, authority: pki.Authority, days: int, ok: bool, said: str
) -> None:
    private, now = pki.ec_key(), datetime.now(UTC)
    ends = now + timedelta(days=days)  # at this time of day: days are counted as in Japan's calendar
    # A certificate that has expired was valid once.
    issued = authority.issue(private, now - timedelta(days=9), not_after=ends)
    emptied.insert(PivCard({Slot.AUTHENTICATION: Key(private, issued)}, PIN))
    line = ask(config).only("card_certificate")
    assert (line.ok, said in line.en) == (ok, True), line


def test_a_card_that_another_program_keeps_to_itself(config: Path, bay: Bay, card: PivCard) -> None:
    with other_program.alone(bay.name):
        told = ask(config)
        assert not told.only("reader_held").ok
        assert bay.name in told.only("reader_held").en
        assert told.only("card").ok
    assert "reader_held" not in ask(config).lines


def test_a_card_on_which_nothing_answers(config: Path, emptied: Bay) -> None:
    emptied.insert(Mute())
    assert not ask(config).only("card_mute").ok


@pytest.mark.asyncio(loop_scope="module")
async def test_a_pin_session_of_the_bridge_outlives_the_diagnosis(bridge: Bridge, card: PivCard) -> None:
    """It looks at the same card from a process of its own: nobody is logged out, and no PIN is asked for again."""
    bridge.plan(f"pin {PIN.decode()}", "yes")
    async with bridge.page() as page:
        wanted = {"certificate": await page.certificate(), "statement": statement(), "keepPinSession": True}
        opened = await page.result("sign", wanted)
        told = await asyncio.to_thread(ask, bridge.directory / "bridge.toml")
        assert told.only("card_certificate").ok
        again = {**wanted, "statement": statement(), "pinSession": opened["pinSession"]}
        assert "statement" in await page.result("sign", again)
    assert card.tries_left == card.max_tries


@pytest.mark.parametrize(("wrong", "said"), [(2, "One more wrong PIN"), (3, "locked")])
def test_tries_that_are_spent(config: Path, bay: Bay, card: PivCard, wrong: int, said: str) -> None:
    for _ in range(wrong):
        other_program.spend_a_try(bay.name)
    before = card.tries_left
    line = ask(config).only("tries")
    assert not line.ok
    assert said in line.en
    assert card.tries_left == before
