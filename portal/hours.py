"""利用時間: when the procedure can be used. Pure; times are aware, days and hours are Japan's (JST, no summer time)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from portal.signatures.certificate import TOKYO

if TYPE_CHECKING:
    from holidays import HolidayBase

_YEARLY = re.compile(r"([0-9]{2})-([0-9]{2})/([0-9]{2})-([0-9]{2})")
_LEAP_YEAR = 2024
_HORIZON = 800  # days: beyond two years nobody plans


class Weekday(StrEnum):
    """The days of the week, in the order of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, slots=True)
class Hours:
    """When the procedure is open: from `opens` until just before `closes`, on days that nothing closes.

    `closed_yearly` holds periods of every year, MM-DD/MM-DD, both days included; `closed_days` and `open_days` are
    single days, of which an open day goes before every other rule. What was begun may be finished for `grace_minutes`
    after closing, and for `extension_minutes` more, once, by somebody who asks for it.
    """

    always_open: bool = False
    opens: time = time(8, 30)
    closes: time = time(20, 0)
    closed_weekdays: tuple[Weekday, ...] = (Weekday.SATURDAY, Weekday.SUNDAY)
    closed_holidays: bool = True
    closed_yearly: tuple[str, ...] = ("12-29/01-05",)
    closed_days: tuple[date, ...] = ()
    open_days: tuple[date, ...] = ()
    grace_minutes: int = 15
    extension_minutes: int = 15
    warn_minutes: int = 15


class Period(NamedTuple):
    """A period of every year, both days included, as (month, day); it may run over the end of the year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def holds(self, day: date) -> bool:
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


def fault(hours: Hours) -> str | None:
    """What is wrong with these settings, beginning with the key; None when they can be used."""
    if hours.opens >= hours.closes:
        return "closes: expected a time after opens"
    if hours.grace_minutes < 0:
        return "grace_minutes: expected 0 or more"
    if hours.extension_minutes < 0:
        return "extension_minutes: expected 0 or more"
    if hours.warn_minutes < 1:
        return "warn_minutes: expected 1 or more"
    if any(_period(text) is None for text in hours.closed_yearly):
        return "closed_yearly: expected periods like 12-29/01-05"
    if set(hours.closed_days) & set(hours.open_days):
        return "open_days: expected days that are not in closed_days"
    return None


def yearly(hours: Hours) -> list[Period]:
    """The periods that are closed every year."""
    return [period for text in hours.closed_yearly if (period := _period(text)) is not None]


def is_open(hours: Hours, moment: datetime) -> bool:
    """Whether the procedure can be used at this moment."""
    return hours.always_open or _closing(hours, moment) is not None


def closing(hours: Hours, moment: datetime) -> datetime | None:
    """When the hours that hold this moment end; None outside of them, and where there is no end."""
    return None if hours.always_open else _closing(hours, moment)


def last_call(hours: Hours, login: datetime, *, extended: bool = False) -> datetime | None:
    """Until when work that a login at this moment began may be finished; None as for `closing`."""
    end, more = closing(hours, login), hours.extension_minutes if extended else 0
    return None if end is None else end + timedelta(minutes=hours.grace_minutes + more)


def admits(hours: Hours, moment: datetime, login: datetime | None, *, extended: bool = False) -> bool:
    """Whether the procedure goes on at this moment for someone whose login was then (None: for anyone else)."""
    if is_open(hours, moment):
        return True
    end = None if login is None else last_call(hours, login, extended=extended)
    return end is not None and moment < end


def next_opening(hours: Hours, moment: datetime) -> datetime | None:
    """The first opening after this moment; None when there is none in the next two years, or nothing ever closes."""
    if hours.always_open:
        return None
    today = moment.astimezone(TOKYO).date()
    for ahead in range(_HORIZON):
        day = today + timedelta(days=ahead)
        opens = datetime.combine(day, hours.opens, TOKYO)
        if opens > moment and is_open_on(hours, day):
            return opens
    return None


def is_open_on(hours: Hours, day: date) -> bool:
    """Whether the procedure opens on this day at all."""
    if hours.always_open or day in hours.open_days:
        return True
    return not (
        day in hours.closed_days
        or list(Weekday)[day.weekday()] in hours.closed_weekdays
        or any(period.holds(day) for period in yearly(hours))
        or (hours.closed_holidays and day in _holidays())
    )


def _closing(hours: Hours, moment: datetime) -> datetime | None:
    day = moment.astimezone(TOKYO).date()
    opens, closes = (datetime.combine(day, at, TOKYO) for at in (hours.opens, hours.closes))
    return closes if opens <= moment < closes and is_open_on(hours, day) else None


def _period(text: str) -> Period | None:
    found = _YEARLY.fullmatch(text)
    if found is None:
        return None
    months = [int(group) for group in found.groups()]
    try:
        first, last = date(_LEAP_YEAR, *months[:2]), date(_LEAP_YEAR, *months[2:])
    except ValueError:
        return None
    return Period((first.month, first.day), (last.month, last.day))


@cache
def _holidays() -> HolidayBase:
    """Japan's holidays (国民の祝日に関する法律) with substitute days; years are worked out as they are asked for."""
    import holidays  # 40 ms, and only an open portal asks

    return holidays.country_holidays("JP")
