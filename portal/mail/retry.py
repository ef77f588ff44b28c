"""What becomes of a mail that did not go out. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.mail.door import Postponed, Undeliverable
from portal.mail.settings import Retry
from portal.store.mail_rows import Attempt, MailState, Posted


def outcome(failure: Postponed | Undeliverable, posted: Posted, retry: Retry, now: datetime) -> Attempt:
    """Refused for good, tried again later, or given up. The last try is when its days are over."""
    if isinstance(failure, Undeliverable):
        return Attempt(MailState.REFUSED, failure.code, now)
    end = posted.since + timedelta(days=retry.give_up_days)
    if now >= end:
        return Attempt(MailState.FAILED, failure.code, now)
    return Attempt(MailState.WAITING, failure.code, min(now + delay(retry, posted.attempts), end))


def delay(retry: Retry, attempts: int) -> timedelta:
    """How long to wait after so many attempts (from 1): the first delay, each next one longer by the factor."""
    seconds = retry.first_seconds
    for _ in range(attempts - 1):
        if seconds >= retry.max_seconds or retry.factor == 1:
            break
        seconds *= retry.factor
    return timedelta(seconds=min(seconds, retry.max_seconds))
