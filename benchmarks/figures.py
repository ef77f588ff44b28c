"""Medians and ratios of figures that were measured in turn."""

from __future__ import annotations

from statistics import median
from typing import NamedTuple


class Series(NamedTuple):
    name: str
    unit: str
    values: list[float]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def p95(self) -> float:
        return sorted(self.values)[int(len(self.values) * 0.95)]


class Comparison(NamedTuple):
    title: str
    floor: Series
    ours: Series


def print_beside(title: str, floor: Series, *others: Series) -> None:
    """A row per series: median, 95th percentile, and how far both stand above the floor's."""
    print(f"\n{title}")
    for series in (floor, *others):
        ratio = series.median / floor.median if floor.median else float("nan")
        print(
            f"  {series.name:<38} median {series.median:9.3f} {series.unit:<3} {series.median - floor.median:+9.3f}"
            f"  {ratio:5.2f} x   p95 {series.p95:9.3f} {series.p95 - floor.p95:+9.3f}   n={len(series.values)}"
        )
