"""Sessions, nonces and drafts: SQL in one place, each function inside a caller's transaction."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.store.database import Database
from portal.store.rows import Draft, Login, Minted, Owner, Session
from portal.store.texts import written
from portal.store.times import moment, text

T = TypeVar("T")

AFTERLIFE = timedelta(days=1)
"""How long ended visits and nonces stay known: what was typed in them can still be kept, and people read the cause."""


def key(session_id: str) -> str:
    """What the database knows of a session's id."""
    return hashlib.sha256(session_id.encode()).hexdigest()


def create(db: Database, login: Login | None, now: datetime, expires: datetime) -> Session:
    certificate, purpose, category = login or (None, None, "")
    session = Session(
        secrets.token_urlsafe(32), secrets.token_urlsafe(32), certificate, now, expires, purpose, category
    )
    row = (key(session.id), session.csrf, certificate, purpose, category, text(now), text(expires))
    db.execute(
        "INSERT INTO sessions (key, csrf, certificate, purpose, category, created, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    return session


def find(db: Database, session_id: str, now: datetime) -> Session | None:
    row = db.execute(
        f"SELECT {_FACTS} FROM sessions WHERE key = ? AND expires > ? AND successor IS NULL",  # noqa: S608 - our own
        (key(session_id), text(now)),
    ).fetchone()
    return None if row is None else _session(session_id, row)


def succeed(db: Database, session_id: str, login: Login, now: datetime, expires: datetime) -> Session:
    """A login's visit in place of the one that it was made in.

    One that somebody had logged in to stays known until it is swept: its pages may still be open in other tabs, and
    what was typed in them can be handed in. It opens nothing any more.
    """
    visit, before = create(db, login, now, expires), key(session_id)
    drop_nonces(db, before)
    db.execute("DELETE FROM sessions WHERE key = ? AND certificate IS NULL", (before,))
    db.execute("UPDATE sessions SET successor = ?, expires = ? WHERE key = ?", (key(visit.id), text(now), before))
    return visit


def predecessors(db: Database, session_id: str, since: datetime) -> list[Session]:
    """The visits whose place this one took, by one login or several, that ended after `since`; under its own id."""
    rows = db.execute(
        f"SELECT {_FACTS} FROM sessions WHERE key IN ({_BEFORE}) AND expires > ?",  # noqa: S608 - our own
        (key(session_id), text(since)),
    )
    return [_session(session_id, row) for row in rows]


_FACTS = "csrf, certificate, purpose, category, created, expires, extended"
_BEFORE = (
    "WITH RECURSIVE before (key) AS (SELECT key FROM sessions WHERE successor = ?"
    " UNION SELECT s.key FROM sessions s JOIN before b ON s.successor = b.key) SELECT key FROM before"
)


def _session(session_id: str, row: tuple[Any, ...]) -> Session:
    csrf, certificate, purpose, category, created, expires, extended = row
    found = Purpose(purpose) if purpose is not None else None
    times = (moment(created), moment(expires))
    return Session(session_id, csrf, certificate, *times, found, category, bool(extended))


def extend(db: Database, session_id: str, expires: datetime) -> None:
    db.execute("UPDATE sessions SET expires = ? WHERE key = ?", (text(expires), key(session_id)))


def put_off_closing(db: Database, session_id: str) -> None:
    """For this visit; how long is the agency's rule."""
    db.execute("UPDATE sessions SET extended = 1 WHERE key = ?", (key(session_id),))


def end(db: Database, session_id: str) -> None:
    """Ends a visit for good, with those whose place it took."""
    for (before,) in db.execute(_BEFORE, (key(session_id),)).fetchall():
        _end(db, before)
    _end(db, key(session_id))


def end_card(db: Database, certificate: bytes, category: str) -> None:
    """Ends every visit that this card logged in to."""
    query = "SELECT key FROM sessions WHERE certificate = ? AND category = ?"
    for (session,) in db.execute(query, (certificate, category)).fetchall():
        _end(db, session)


def log_out(db: Database, session_id: str, expires: datetime) -> None:
    """Leaves a visit without its login until `expires`: who lost the answer to a last request can ask for it again."""
    visit = key(session_id)
    drop_nonces(db, visit)
    db.execute(
        "UPDATE sessions SET certificate = NULL, purpose = NULL, expires = ? WHERE key = ?", (text(expires), visit)
    )


def sweep(db: Database, now: datetime) -> None:
    """Takes away what ended a day ago."""
    for table in ("sessions", "nonces"):
        db.execute(f"DELETE FROM {table} WHERE expires <= ?", (text(now - AFTERLIFE),))  # noqa: S608 - names from above


def mint(
    db: Database,
    session_id: str,
    kind: str,
    action: str,
    payload_sha256: bytes,
    context: Mapping[str, Any],
    now: datetime,
    expires: datetime,
) -> str:
    """A nonce for one statement. One that waits for the very same statement is prolonged instead of minting another."""
    asked = (key(session_id), kind, action, payload_sha256)
    kept, until = written(context), text(expires)
    waiting = db.execute(
        "UPDATE nonces SET context = ?, expires = ? WHERE session = ? AND type = ? AND action = ?"
        " AND payload_sha256 = ? AND spent IS NULL AND attempts = 0 AND expires > ? RETURNING nonce",
        (kept, until, *asked, text(now)),
    ).fetchone()
    if waiting is not None:
        return str(waiting[0])
    nonce = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO nonces (nonce, session, type, action, payload_sha256, context, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (nonce, *asked, kept, until),
    )
    return nonce


def attempt(db: Database, session_id: str, nonce: str) -> Minted | None:
    """Counts one attempt and says what the nonce was minted for."""
    row = db.execute(
        "UPDATE nonces SET attempts = attempts + 1 WHERE nonce = ? AND session = ?"
        " RETURNING session, type, action, payload_sha256, context, expires, attempts, spent",
        (nonce, key(session_id)),
    ).fetchone()
    if row is None:
        return None
    session, kind, action, digest, context, expires, attempts, spent = row
    when = moment(spent) if spent is not None else None
    return Minted(nonce, session, kind, action, digest, json.loads(context), moment(expires), attempts, when)


def attempted(db: Database, session_id: str, nonce: str, job: Callable[[Database, Minted | None], T]) -> T | Refused:
    """Counts one attempt, then runs the job, whose refusal takes back what the job wrote and nothing else."""
    minted = attempt(db, session_id, nonce)
    db.execute("SAVEPOINT attempted")
    try:
        done = job(db, minted)
    except Refused as refusal:
        db.execute("ROLLBACK TO SAVEPOINT attempted")
        return refusal
    db.execute("RELEASE SAVEPOINT attempted")
    return done


def spend(db: Database, session_id: str, nonce: str, now: datetime) -> None:
    """Marks the nonce spent, once. Raises Refused: session_ended, or nonce_spent when another was first."""
    visit = key(session_id)
    query = f"UPDATE nonces SET spent = ? WHERE nonce = ? AND session = ? AND spent IS NULL AND EXISTS ({_GOES_ON})"  # noqa: S608 - our own
    spent = db.execute(query, (text(now), nonce, visit, visit))
    if spent.rowcount != 1:
        ended = db.execute(_GOES_ON, (visit,)).fetchone() is None
        raise Refused("session_ended") if ended else Refused("nonce_spent", "at the moment of writing")


_GOES_ON = "SELECT 1 FROM sessions WHERE key = ? AND successor IS NULL"


def spend_nonce(db: Database, session_id: str, nonce: str, now: datetime) -> None:
    """Marks the nonce of a visit that is known to go on. Raises Refused (nonce_spent)."""
    spent = db.execute(
        "UPDATE nonces SET spent = ? WHERE nonce = ? AND session = ? AND spent IS NULL",
        (text(now), nonce, key(session_id)),
    )
    if spent.rowcount != 1:
        raise Refused("nonce_spent", "at the moment of writing")


def save_draft(db: Database, owner: Owner, draft: Draft, now: datetime) -> None:
    search, form = (written(fields) for fields in (draft.search, draft.form))
    db.execute(
        "INSERT INTO drafts (certificate_sha256, category, contractor, search, form, saved)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (certificate_sha256, category) DO UPDATE SET"
        " contractor = excluded.contractor, search = excluded.search, form = excluded.form, saved = excluded.saved",
        (*owner, draft.contractor, search, form, text(now)),
    )


def draft(db: Database, owner: Owner) -> Draft:
    query = "SELECT contractor, search, form FROM drafts WHERE certificate_sha256 = ? AND category = ?"
    row = db.execute(query, owner).fetchone()
    if row is None:
        return Draft(None, {}, {})
    contractor, search, form = row
    return Draft(contractor, json.loads(search), json.loads(form))


def drop_draft(db: Database, owner: Owner) -> None:
    db.execute("DELETE FROM drafts WHERE certificate_sha256 = ? AND category = ?", owner)


def _end(db: Database, session_key: str) -> None:
    drop_nonces(db, session_key)
    db.execute("DELETE FROM sessions WHERE key = ?", (session_key,))


def drop_nonces(db: Database, session_key: str) -> None:
    """Takes away what a visit, by its key, was asked to sign and has not."""
    db.execute("DELETE FROM nonces WHERE session = ? AND spent IS NULL", (session_key,))
