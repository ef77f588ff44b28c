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


def print_beside(title: str, floor: Series, *others: Series) -> None:
    """A row per series: median, 95th percentile, ratio of medians to the floor's."""
    print(f"\n{title}")
    for series in (floor, *others):
        ratio = series.median / floor.median if floor.median else float("nan")
        difference = series.median - floor.median
        print(
            f"  {series.name:<34} median {series.median:9.3f} {series.unit:<3}  p95 {series.p95:9.3f}"
            f"  {ratio:5.2f} x  {difference:+9.3f} {series.unit}   n={len(series.values)}"
        )
