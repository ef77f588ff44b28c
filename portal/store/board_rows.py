"""What officers put up for bidders, as the store hands it out and takes it in."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple


class Posted(NamedTuple):
    """One お知らせ that stands on the first page."""

    id: int
    date: date
    text: str


class Emergency(NamedTuple):
    """Everything for bidders is stopped since then, and what they are told, in Japanese and English."""

    ja: str
    en: str
    since: datetime


class Board(NamedTuple):
    """What stands now: news (newest first), single days closed and open, the emergency stop if there is one."""

    news: tuple[Posted, ...] = ()
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()
    emergency: Emergency | None = None
