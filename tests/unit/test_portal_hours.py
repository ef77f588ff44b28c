"""利用時間: which days and moments are open, until when, and from when again."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal import hours
from portal.hours import Hours, Weekday
from portal.settings import parse_settings
from portal.signatures.certificate import TOKYO
from tests.unit.portal_pki import UNHURRIED
from tray import demo

YAMAGUCHIS = Hours()
A_TUESDAY = date(2026, 11, 24)


def at(text: str) -> datetime:
    """A moment of Japan's clock, as the server has it: in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2026-11-24T00:00:00", False),
        ("2026-11-24T08:29:59.999999", False),
        ("2026-11-24T08:30:00", True),
        ("2026-11-24T12:00:00", True),
        ("2026-11-24T19:59:59.999999", True),
        ("2026-11-24T20:00:00", False),
        ("2026-11-24T23:59:59", False),
    ],
)
def test_the_edges_of_a_day(moment: str, open_then: bool) -> None:
    assert hours.is_open(YAMAGUCHIS, at(moment)) is open_then


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-11-21", "a Saturday"),
        ("2026-11-22", "a Sunday"),
        ("2026-11-23", "勤労感謝の日, a Monday"),
        ("2026-05-06", "振替休日 for a 憲法記念日 on Sunday, three days later"),
        ("2026-09-22", "国民の休日 between two holidays"),
        ("2026-03-20", "春分の日, which astronomy decides"),
        ("2027-03-22", "振替休日 for a 春分の日 on Sunday"),
        ("2026-12-29", "first day of the year's end"),
        ("2026-12-31", "last day of the year"),
        ("2027-01-04", "a Monday in the new year"),
        ("2027-01-05", "last day of the period"),
    ],
)
def test_closed_days(day: str, why: str) -> None:
    assert not hours.is_open(YAMAGUCHIS, at(f"{day}T12:00:00")), why


@pytest.mark.parametrize("day", ["2026-11-24", "2026-12-28", "2027-01-06", "2026-05-07", "2026-11-02", "2024-02-29"])
def test_days_beside_them_are_open(day: str) -> None:
    assert hours.is_open(YAMAGUCHIS, at(f"{day}T12:00:00"))


def test_the_day_is_japans_not_the_servers() -> None:
    """Friday 23:30 in UTC is Saturday morning in Japan, and Sunday 23:30 is Monday, 8:30."""
    assert not hours.is_open(YAMAGUCHIS, datetime(2026, 11, 27, 23, 30, tzinfo=UTC))
    assert hours.is_open(YAMAGUCHIS, datetime(2026, 11, 29, 23, 30, tzinfo=UTC))


def test_every_rule_is_a_setting() -> None:
    saturday, holiday, new_year = at("2026-11-21T12:00"), at("2026-11-23T12:00"), at("2027-01-04T12:00")
    assert hours.is_open(replace(YAMAGUCHIS, closed_weekdays=(Weekday.SUNDAY,)), saturday)
    assert hours.is_open(replace(YAMAGUCHIS, closed_holidays=False), holiday)
    assert hours.is_open(replace(YAMAGUCHIS, closed_yearly=()), new_year)
    summer = replace(YAMAGUCHIS, closed_yearly=("08-13/08-14",))
    assert [hours.is_open(summer, at(f"2026-08-{day}T12:00")) for day in (12, 13, 14, 17)] == [True, False, False, True]
    late = replace(YAMAGUCHIS, opens=time(9), closes=time(21))
    assert [hours.is_open(late, at(f"2026-11-24T{clock}")) for clock in ("08:59:59", "09:00", "20:59:59", "21:00")] == [
        *(False, True),
        *(True, False),
    ]


def test_single_days_go_before_the_rules() -> None:
    maintenance = replace(YAMAGUCHIS, closed_days=(A_TUESDAY,))
    assert not hours.is_open(maintenance, at("2026-11-24T12:00"))
    extra = replace(YAMAGUCHIS, open_days=(date(2026, 11, 23), date(2026, 12, 30)))
    assert hours.is_open(extra, at("2026-11-23T12:00"))
    assert hours.is_open(extra, at("2026-12-30T12:00"))
    assert not hours.is_open(extra, at("2026-12-30T20:00"))


def test_always_open_has_no_hours() -> None:
    practice = replace(YAMAGUCHIS, always_open=True)
    night = at("2027-01-01T03:00")
    assert hours.is_open(practice, night)
    assert hours.admits(practice, night, None)
    assert hours.is_open_on(practice, date(2027, 1, 1))
    assert hours.closing(practice, night) is hours.last_call(practice, night) is None
    assert hours.next_opening(practice, night) is None


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-24T08:29:59", "2026-11-24T08:30:00"),
        ("2026-11-24T08:30:00", "2026-11-25T08:30:00"),
        ("2026-11-24T20:00:00", "2026-11-25T08:30:00"),
        ("2026-11-20T20:00:00", "2026-11-24T08:30:00"),  # over a weekend and a holiday
        ("2026-12-28T20:00:00", "2027-01-06T08:30:00"),  # over the year's end
    ],
)
def test_the_next_opening(moment: str, opens: str) -> None:
    assert hours.next_opening(YAMAGUCHIS, at(moment)) == at(opens)


def test_an_agency_that_never_opens_again() -> None:
    never = replace(YAMAGUCHIS, closed_weekdays=tuple(Weekday))
    assert hours.next_opening(never, at("2026-11-24T12:00")) is None
    assert hours.next_opening(replace(never, open_days=(date(2026, 12, 1),)), at("2026-11-24T12:00")) == at(
        "2026-12-01T08:30"
    )


def test_when_the_day_ends_is_known_while_it_is_open() -> None:
    assert hours.closing(YAMAGUCHIS, at("2026-11-24T10:00")) == at("2026-11-24T20:00")
    assert hours.last_call(YAMAGUCHIS, at("2026-11-24T10:00")) == at("2026-11-24T20:15")
    assert hours.closing(YAMAGUCHIS, at("2026-11-24T20:00")) is None
    assert hours.last_call(YAMAGUCHIS, at("2026-11-24T20:00")) is None
    assert hours.last_call(YAMAGUCHIS, at("2026-11-24T10:00"), extended=True) == at("2026-11-24T20:30")
    longer = Hours(grace_minutes=0, extension_minutes=5)
    assert hours.last_call(longer, at("2026-11-24T10:00"), extended=True) == at("2026-11-24T20:05")


@pytest.mark.parametrize(
    ("moment", "login", "admitted"),
    [
        ("2026-11-24T20:00:00", "2026-11-24T19:59:59", True),
        ("2026-11-24T20:14:59", "2026-11-24T10:00:00", True),
        ("2026-11-24T20:15:00", "2026-11-24T19:59:59", False),
        ("2026-11-24T20:05:00", "2026-11-24T20:00:00", False),  # logged in after closing: no running form
        ("2026-11-24T20:05:00", None, False),
        ("2026-11-25T20:05:00", "2026-11-24T19:59:59", False),  # yesterday's login
        ("2026-11-24T10:00:00", None, True),
    ],
)
def test_a_running_form_may_be_finished(moment: str, login: str | None, admitted: bool) -> None:
    assert hours.admits(YAMAGUCHIS, at(moment), None if login is None else at(login)) is admitted


def test_the_time_to_finish_is_a_setting() -> None:
    strict = replace(YAMAGUCHIS, grace_minutes=0)
    assert not hours.admits(strict, at("2026-11-24T20:00"), at("2026-11-24T19:59"))


@UNHURRIED
@given(some.integers(0, 6 * 365 * 24 * 60))
def test_the_next_opening_is_the_first_moment_that_is_open_again(minutes: int) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opens = hours.next_opening(YAMAGUCHIS, moment)
    assert opens is not None
    assert opens > moment
    assert hours.is_open(YAMAGUCHIS, opens)
    assert not hours.is_open(YAMAGUCHIS, opens - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"opens": time(20), "closes": time(8)}, "closes"),
        ({"opens": time(8), "closes": time(8)}, "closes"),
        ({"grace_minutes": -1}, "grace_minutes"),
        ({"warn_minutes": 0}, "warn_minutes"),
        ({"closed_yearly": ("12-29",)}, "closed_yearly"),
        ({"closed_yearly": ("12-32/01-05",)}, "closed_yearly"),
        ({"closed_days": (A_TUESDAY,), "open_days": (A_TUESDAY,)}, "open_days"),
    ],
)
def test_settings_that_make_no_sense(wrong: dict[str, object], key: str) -> None:
    said = hours.fault(replace(YAMAGUCHIS, **wrong))  # type: ignore[arg-type] # the table's values are of the fields' types
    assert said is not None
    assert said.startswith(f"{key}: ")
    assert hours.fault(YAMAGUCHIS) is None


def test_the_demo_is_open_at_any_hour(tmp_path: Path) -> None:
    written = demo.portal_toml(demo.Place(tmp_path), 22443)
    settings = parse_settings(tomllib.loads(written), tmp_path)
    assert settings.site.practice
    assert hours.is_open(settings.hours, at("2027-01-01T03:00"))
