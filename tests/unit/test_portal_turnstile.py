"""How often and how many at once: the counts of 検証機能."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal.refusals import Refused
from portal.verification.settings import VerificationLimits
from portal.web.turnstile import Turnstile
from tests.unit import portal_pki as pki


class Clock:
    def __init__(self) -> None:
        self.time = pki.NOW.replace(second=0)

    def __call__(self) -> datetime:
        return self.time


def ask(turnstile: Turnstile, address: str | None) -> str:
    """What an address is told that comes in and goes out again."""
    try:
        with turnstile.turn(address):
            return "in"
    except Refused as refusal:
        return refusal.code


def turnstile(**limits: Any) -> tuple[Turnstile, Clock]:
    clock = Clock()
    return Turnstile(replace(VerificationLimits(), **limits), clock), clock


def test_so_many_of_one_address_a_minute() -> None:
    gate, clock = turnstile(per_minute=2)
    assert [ask(gate, "192.0.2.1") for _ in range(4)] == ["in", "in", "rate_limited", "rate_limited"]
    assert ask(gate, "192.0.2.2") == "in"
    clock.time += timedelta(seconds=59)
    assert ask(gate, "192.0.2.1") == "rate_limited"
    clock.time += timedelta(seconds=1)
    assert ask(gate, "192.0.2.1") == "in"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "not an address", True),
    ],
)
def test_a_network_of_ipv6_counts_as_one(one: str | None, other: str, same: bool) -> None:
    gate, _ = turnstile(per_minute=1)
    assert ask(gate, one) == "in"
    assert ask(gate, other) == ("rate_limited" if same else "in")


def test_two_under_way_of_one_address_and_so_many_of_all() -> None:
    gate, _ = turnstile(at_once=3, per_minute=100)
    with gate.turn("192.0.2.1"), gate.turn("192.0.2.1"):
        assert ask(gate, "192.0.2.1") == "verification_busy"
        with gate.turn("192.0.2.2"):
            assert ask(gate, "192.0.2.3") == "verification_busy"
        assert ask(gate, "192.0.2.3") == "in"
    assert ask(gate, "192.0.2.1") == "in"


def test_a_turn_that_fails_gives_its_place_back() -> None:
    gate, _ = turnstile(at_once=1)
    with pytest.raises(RuntimeError), gate.turn("192.0.2.1"):
        raise RuntimeError
    assert ask(gate, "192.0.2.1") == "in"
