"""The mails to send, each function inside a caller's transaction.

A mail is claimed for one attempt: its `next_try` moves to the end of the lease, so that no other process takes it
meanwhile, and one that was killed leaves it to the next.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from portal.store.database import Database
from portal.store.mail_rows import Attempt, Mail, MailState, Posted, Shown, Tally
from portal.store.times import moment, text


def post(db: Database, mails: Iterable[Mail], now: datetime) -> None:
    """Puts mails into the outbox, in the transaction of what they tell of."""
    when = text(now)
    db.executemany(
        "INSERT INTO outbox (reference, recipient, subject, body, created, since, next_try)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(secrets.token_hex(16), *mail, *[when] * 3) for mail in mails],
    )


def holds(db: Database, mail: Mail) -> bool:
    """Whether a mail with this subject was posted to this recipient before."""
    query = "SELECT 1 FROM outbox WHERE recipient = ? AND subject = ? LIMIT 1"
    return db.execute(query, (mail.recipient, mail.subject)).fetchone() is not None


def due(db: Database, now: datetime, latest: datetime) -> bool:
    """Whether a mail may be claimed."""
    return any(db.execute(f"{which} LIMIT 1", (text(at),)).fetchone() for which, at in _turns(now, latest))


def claim(db: Database, now: datetime, until: datetime, latest: datetime) -> Posted | None:
    """The mail that has waited longest, leased until then and one attempt older; None when none is due.

    One whose next try lies beyond `latest`, further ahead than any is put, waits by a clock that was put back since.
    """
    found = (_claim(db, which, at, until) for which, at in _turns(now, latest))
    return next((posted for posted in found if posted is not None), None)


def _turns(now: datetime, latest: datetime) -> tuple[tuple[str, datetime], ...]:
    waiting = "SELECT id FROM outbox WHERE state = 'waiting' AND next_try"
    # A lease is left alone whatever the clock says: whose it is may be sending.
    return (f"{waiting} <= ? ORDER BY next_try, id", now), (f"{waiting} > ? AND lease IS NULL ORDER BY id", latest)


def _claim(db: Database, which: str, at: datetime, until: datetime) -> Posted | None:
    lease = secrets.token_hex(16)
    row = db.execute(
        f"UPDATE outbox SET lease = ?, next_try = ?, attempts = attempts + 1 WHERE id = ({which} LIMIT 1)"  # noqa: S608 - our own
        " RETURNING id, reference, recipient, subject, body, created, since, attempts",
        (lease, text(until), text(at)),
    ).fetchone()
    if row is None:
        return None
    number, reference, recipient, subject, body, created, since, attempts = row
    return Posted(number, reference, recipient, subject, body, moment(created), moment(since), attempts, lease)


def settle(db: Database, posted: Posted, outcome: Attempt) -> bool:
    """Writes how the attempt ended; whether it counted. Sent counts always, all else only while the lease holds."""
    sent = outcome.state is MailState.SENT
    row = (outcome.state, outcome.code, text(outcome.at), text(outcome.at) if sent else None)
    settled = db.execute(
        "UPDATE outbox SET state = ?, last_code = ?, next_try = ?, sent = ?, lease = NULL"
        " WHERE id = ? AND state = 'waiting' AND (lease = ? OR ?)",
        (*row, posted.id, posted.lease, sent),
    )
    return settled.rowcount == 1


def revive(db: Database, now: datetime) -> int:
    """Lets mails that were refused or given up wait anew, as if posted now; how many."""
    return db.execute(
        "UPDATE outbox SET state = 'waiting', attempts = 0, since = ?, next_try = ? WHERE state IN (?, ?)",
        (text(now), text(now), MailState.REFUSED, MailState.FAILED),
    ).rowcount


def listing(db: Database, recipient: str, state: MailState | None, offset: int, limit: int) -> tuple[list[Shown], int]:
    """Mails, newest first, to addresses that begin so and in this state, where they are named; and how many."""
    conditions, values = ["1 = 1"], list[str]()
    if recipient:
        conditions, values = ["recipient >= ? AND recipient < ?"], [recipient, recipient + "\U0010ffff"]
    if state is not None:
        conditions, values = [*conditions, "state = ?"], [*values, state]
    where = " AND ".join(conditions)
    (total,) = db.execute(f"SELECT count(*) FROM outbox WHERE {where}", values).fetchone()  # noqa: S608 - our own
    rows = db.execute(f"{_SHOWN} WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?", (*values, limit, offset))
    return [_shown(*row) for row in rows], total


def shown(db: Database, number: int) -> Shown | None:
    row = db.execute(f"{_SHOWN} WHERE id = ?", (number,)).fetchone()
    return None if row is None else _shown(*row)


def send_again(db: Database, number: int, once: str, now: datetime) -> bool:
    """Lets a mail that was refused or given up wait anew, and posts one that was sent once more; False: nothing done.

    The same `once` posts nothing a second time.
    """
    anew = db.execute(
        "UPDATE outbox SET state = 'waiting', attempts = 0, since = ?, next_try = ? WHERE id = ? AND state IN (?, ?)",
        (text(now), text(now), number, MailState.REFUSED, MailState.FAILED),
    )
    if anew.rowcount == 1:
        return True
    copied = db.execute(
        "INSERT INTO outbox (reference, recipient, subject, body, created, since, next_try)"
        " SELECT ?, recipient, subject, body, ?, ?, ? FROM outbox WHERE id = ? AND state = ?"
        " ON CONFLICT (reference) DO NOTHING",
        (once, *[text(now)] * 3, number, MailState.SENT),
    )
    return copied.rowcount == 1


_SHOWN = "SELECT id, recipient, subject, body, created, state, attempts, last_code, sent FROM outbox"


def _shown(
    number: int,
    recipient: str,
    subject: str,
    body: str,
    created: str,
    state: str,
    attempts: int,
    code: str,
    sent: str | None,
) -> Shown:
    at = None if sent is None else moment(sent)
    return Shown(number, recipient, subject, body, moment(created), MailState(state), attempts, code, at)


def tally(db: Database) -> Tally:
    """How many mails stand where."""
    counts = dict(db.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
    return Tally(**{state.value: counts.get(state.value, 0) for state in MailState})
