"""Days and hours as Japanese pages say them. Pure; times of day are Japan's."""

from __future__ import annotations

from datetime import date, datetime, time

from portal.signatures.certificate import TOKYO

WEEKDAYS = "月火水木金土日"

# 元号法, and the cabinet orders that name each era's first day; before 昭和 nothing here is dated.
_ERAS = ((date(2019, 5, 1), "令和"), (date(1989, 1, 8), "平成"), (date(1926, 12, 25), "昭和"))


def western(day: date) -> str:
    """2021年12月27日."""
    return f"{day.year}年{day.month}月{day.day}日"


def era(day: date) -> str:
    """令和3年12月27日; the first year of an era is 元年."""
    for first, name in _ERAS:
        if day >= first:
            year = day.year - first.year + 1
            return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return western(day)


def weekday(day: date) -> str:
    """11月25日(水), with full-width brackets."""
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def clock(at: time | datetime) -> str:
    """午前8時30分, 午後8時00分."""
    local = at.astimezone(TOKYO).time() if isinstance(at, datetime) else at
    return f"{'午前' if local.hour < 12 else '午後'}{local.hour % 12}時{local.minute:02d}分"


def moment(at: datetime) -> str:
    """11月25日(水)午前8時30分, with full-width brackets."""
    local = at.astimezone(TOKYO)
    return f"{weekday(local.date())}{clock(local)}"
