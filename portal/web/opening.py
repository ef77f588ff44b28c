"""利用時間 as pages tell it: the rule, and how it stands at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from aiohttp import web

from portal import hours
from portal.hours import Hours, Period, Weekday
from portal.signatures.certificate import TOKYO
from portal.web import board, dates
from portal.web.keys import PORTAL

_WEEKEND = {Weekday.SATURDAY, Weekday.SUNDAY}


class Opening(NamedTuple):
    """The rule in words; whether it is open now, and then until when, else from when again (None: not known)."""

    always: bool
    daily: str
    closed: str
    exceptions: list[str]
    now: bool
    closes: datetime | None
    opens: datetime | None


def opening(request: web.Request) -> Opening:
    """The hours of this portal at this moment."""
    rule, now = board.hours(request), request.app[PORTAL].now()
    return Opening(
        always=rule.always_open,
        daily=f"{dates.clock(rule.opens)}から{dates.clock(rule.closes)}まで",
        closed=closed(rule),
        exceptions=list(_exceptions(rule, now.astimezone(TOKYO).date())),
        now=hours.is_open(rule, now),
        closes=hours.closing(rule, now),
        opens=hours.next_opening(rule, now),
    )


def closed(rule: Hours) -> str:
    """土日祝日、年末年始（12月29日～1月5日）: what the rule closes, or nothing."""
    return "、".join([*_days(rule), *(_period(period) for period in hours.yearly(rule))])


def _days(rule: Hours) -> Iterator[str]:
    if set(rule.closed_weekdays) == _WEEKEND:
        yield "土日祝日" if rule.closed_holidays else "土日"
        return
    for day, name in zip(Weekday, dates.WEEKDAYS, strict=True):
        if day in rule.closed_weekdays:
            yield f"{name}曜日"
    if rule.closed_holidays:
        yield "祝日"


def _period(period: Period) -> str:
    (month, day), (last_month, last_day) = period
    text = f"{month}月{day}日～{last_month}月{last_day}日"
    return f"年末年始（{text}）" if period.first > period.last else text


def _exceptions(rule: Hours, today: date) -> Iterator[str]:
    for label, days in (("臨時休止日", rule.closed_days), ("臨時利用日", rule.open_days)):
        coming = sorted(day for day in days if day >= today)
        if coming:
            yield f"{label}：{'、'.join(dates.weekday(day) for day in coming)}"
