"""How often an origin may ask: the token bucket, with a clock of ours."""

from __future__ import annotations

import pytest

from bridge.errors import RateLimited
from bridge.gate.limits import Rate, Rates

A, B = "https://a.example", "https://b.example"
RATE = Rate(3, 1)


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_as_many_as_time_brings() -> None:
    clock = Clock()
    rates = Rates(clock)
    for _ in range(3):
        rates.spend(A, RATE)
    with pytest.raises(RateLimited):
        rates.spend(A, RATE)
    clock.now += 1
    rates.spend(A, RATE)
    with pytest.raises(RateLimited):
        rates.spend(A, RATE)


def test_one_origin_is_not_charged_for_another() -> None:
    rates = Rates(Clock())
    for _ in range(3):
        rates.spend(A, RATE)
    rates.spend(B, RATE)


def test_a_long_rest_brings_the_burst_and_no_more() -> None:
    clock = Clock()
    rates = Rates(clock)
    rates.spend(A, RATE)
    clock.now += 3600
    for _ in range(3):
        rates.spend(A, RATE)
    with pytest.raises(RateLimited):
        rates.spend(A, RATE)


def test_many_origins_cost_no_more_memory_than_some() -> None:
    clock = Clock()
    rates = Rates(clock)
    for number in range(1000):
        rates.spend(f"https://{number}.example", RATE)
    assert len(rates._buckets) == 256
