"""Officers of the agency: who may log in, and their visits. Each function inside a caller's transaction.

A visit counts only while its officer is on the list, so that taking somebody off ends what is open.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

from portal.refusals import Refused
from portal.store import officer_log, sessions
from portal.store.database import Database
from portal.store.officer_rows import Line, Officer, OfficerAct, OfficerSession, Pending
from portal.store.texts import written
from portal.store.times import moment, text

_OFFICER = "o.id, o.name, o.issuer, o.serial, o.certificate_sha256, o.added, o.removed"


def add(
    db: Database, name: str, issuer: str, serial: str, fingerprint: str | None, by: str, now: datetime
) -> Officer | None:
    """Puts a certificate on the list; None when it is there already."""
    if _allowed(db, issuer, serial) is not None:
        return None
    row = (name, issuer, serial, fingerprint, text(now))
    (number,) = db.execute(
        "INSERT INTO officers (name, issuer, serial, certificate_sha256, added) VALUES (?, ?, ?, ?, ?) RETURNING id",
        row,
    ).fetchone()
    added = Officer(number, name, issuer, serial, fingerprint, now, None)
    officer_log.note(db, Line(None, by, OfficerAct.OFFICER_ADDED, after=_told(added)), now)
    return added


def remove(db: Database, number: int, by: str, now: datetime) -> Officer | None:
    """Takes somebody off the list and ends their visits; None when nobody has this number."""
    found = db.execute(
        f"SELECT {_OFFICER} FROM officers o WHERE o.id = ? AND o.removed IS NULL",  # noqa: S608 - our own
        (number,),
    ).fetchone()
    if found is None:
        return None
    db.execute("UPDATE officers SET removed = ? WHERE id = ?", (text(now), number))
    for (session,) in db.execute("SELECT key FROM officer_sessions WHERE officer = ?", (number,)).fetchall():
        _end(db, session)
    removed = _officer(found)._replace(removed=now)
    officer_log.note(db, Line(None, by, OfficerAct.OFFICER_REMOVED, before=_told(removed)), now)
    return removed


def everyone(db: Database) -> list[Officer]:
    """Those who are or were on the list, in the order of their numbers."""
    query = f"SELECT {_OFFICER} FROM officers o ORDER BY o.id"  # noqa: S608 - our own
    return [_officer(row) for row in db.execute(query)]


def create_session(db: Database, now: datetime, expires: datetime) -> OfficerSession:
    """A visit before its login; those that ended are swept away."""
    db.execute("DELETE FROM officer_sessions WHERE expires <= ?", (text(now),))
    return _insert(db, None, None, now, expires)


def find_session(db: Database, session_id: str, now: datetime) -> OfficerSession | None:
    """The visit of a cookie while it lasts and its officer, if it has one, is on the list."""
    row = db.execute(
        f"SELECT s.csrf, s.certificate, s.created, s.expires, s.officer, {_OFFICER} FROM officer_sessions s"  # noqa: S608 - our own
        " LEFT JOIN officers o ON o.id = s.officer WHERE s.key = ? AND s.expires > ? AND o.removed IS NULL",
        (sessions.key(session_id), text(now)),
    ).fetchone()
    if row is None:
        return None
    csrf, certificate, created, expires, number, *officer = row
    whose = _officer(officer) if number is not None else None
    return OfficerSession(session_id, csrf, whose, certificate, moment(created), moment(expires))


def extend(db: Database, session_id: str, expires: datetime) -> None:
    db.execute("UPDATE officer_sessions SET expires = ? WHERE key = ?", (text(expires), sessions.key(session_id)))


def log_in(
    db: Database,
    before: str,
    certificate: bytes,
    card: tuple[str, str, str],
    now: datetime,
    expires: datetime,
) -> OfficerSession:
    """A new visit in place of `before`, whose nonce was spent; `card`: issuer, serial, SHA-256 of the certificate.

    An officer who was added without a certificate is bound to this one. Raises Refused (officer_unknown) for a card
    that is not on the list.
    """
    issuer, serial, fingerprint = card
    officer = _allowed(db, issuer, serial)
    if officer is None:
        raise Refused("officer_unknown")
    if officer.certificate_sha256 is None:
        officer = _bind(db, officer, fingerprint, now)
    if officer.certificate_sha256 != fingerprint:
        raise Refused("officer_unknown", "another certificate of this issuer and serial")
    _end(db, sessions.key(before))
    return _insert(db, officer, certificate, now, expires)


def end(db: Database, session_id: str) -> None:
    """Ends a visit for good."""
    _end(db, sessions.key(session_id))


def keep_pending(db: Database, session_id: str, pending: Pending | None) -> None:
    """The decision that a visit is about to confirm, in place of an earlier one; None: there is none any more."""
    row = (None if pending is None else written(pending), sessions.key(session_id))
    db.execute("UPDATE officer_sessions SET pending = ? WHERE key = ?", row)


def pending(db: Database, session_id: str) -> Pending | None:
    row = db.execute("SELECT pending FROM officer_sessions WHERE key = ?", (sessions.key(session_id),)).fetchone()
    return None if row is None or row[0] is None else Pending(*json.loads(row[0]))


def spend(db: Database, session_id: str, nonce: str, now: datetime) -> None:
    """Marks the nonce spent, once. Raises Refused: officer_session_ended, nonce_spent."""
    if find_session(db, session_id, now) is None:
        raise Refused("officer_session_ended")
    sessions.spend_nonce(db, session_id, nonce, now)


def _bind(db: Database, officer: Officer, fingerprint: str, now: datetime) -> Officer:
    """From here on it is this certificate, whatever else its issuer may call by the same number."""
    db.execute("UPDATE officers SET certificate_sha256 = ? WHERE id = ?", (fingerprint, officer.id))
    before, after = _told(officer), f"SHA-256 {fingerprint}"
    officer_log.note(db, Line(officer.id, officer.name, OfficerAct.OFFICER_BOUND, before=before, after=after), now)
    return officer._replace(certificate_sha256=fingerprint)


def _allowed(db: Database, issuer: str, serial: str) -> Officer | None:
    query = f"SELECT {_OFFICER} FROM officers o WHERE o.issuer = ? AND o.serial = ? AND o.removed IS NULL"  # noqa: S608 - our own
    row = db.execute(query, (issuer, serial)).fetchone()
    return None if row is None else _officer(row)


def _insert(
    db: Database, officer: Officer | None, certificate: bytes | None, now: datetime, expires: datetime
) -> OfficerSession:
    made = OfficerSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32), officer, certificate, now, expires)
    number = officer.id if officer is not None else None
    db.execute(
        "INSERT INTO officer_sessions (key, csrf, officer, certificate, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
        (sessions.key(made.id), made.csrf, number, certificate, text(now), text(expires)),
    )
    return made


def _end(db: Database, key: str) -> None:
    sessions.drop_nonces(db, key)
    db.execute("DELETE FROM officer_sessions WHERE key = ?", (key,))


def _officer(row: Any) -> Officer:
    number, name, issuer, serial, fingerprint, added, removed = row
    gone = moment(removed) if removed is not None else None
    return Officer(number, name, issuer, serial, fingerprint, moment(added), gone)


def _told(officer: Officer) -> str:
    return f"{officer.name}（{officer.issuer}、シリアル番号 {officer.serial}）"
