"""Times as the database holds them: ISO 8601 in UTC with microseconds, comparable as text."""

from __future__ import annotations

from datetime import UTC, datetime


def text(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored).astimezone(UTC)
