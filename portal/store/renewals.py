"""ICカード更新: what waits between the two signatures, and the transaction that ends it.

Each function runs inside a caller's transaction.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.store import history, outbox, registrations, sessions, statements
from portal.store.database import Database
from portal.store.renewal_rows import Handover, Renewal, Succession, Visit
from portal.store.rows import Act, Login, Owner, Registration, Session, State
from portal.store.texts import written
from portal.store.times import moment, text

_SELECT = "SELECT certificate, category, session, handover, signed, expires, announced, named, acceptance FROM renewals"


def of_card(db: Database, owner: Owner) -> Renewal | None:
    """The renewal in which this card is the old one."""
    return _one(db, "certificate_sha256 = ? AND category = ?", *owner)


def of_visit(db: Database, session_key: str) -> Renewal | None:
    """The last renewal that this visit went on with."""
    return _one(db, "session = ? ORDER BY signed DESC", session_key)


def of_handover(db: Database, cms_sha256: str) -> Renewal | None:
    return _one(db, "handover = ?", cms_sha256)


def of_acceptance(db: Database, cms_sha256: str) -> Renewal | None:
    return _one(db, "acceptance = ?", cms_sha256)


def predecessor(db: Database, owner: Owner) -> Registration | None:
    """The registration whose place this card took."""
    query = "SELECT certificate_sha256 FROM registrations WHERE successor = ? AND category = ?"
    found = db.execute(query, owner).fetchone()
    return registrations.find(db, owner._replace(certificate_sha256=found[0])) if found is not None else None


def may_hand_over(db: Database, owner: Owner) -> Registration:
    """The registration of an old card. Raises Refused: not_registered, card_replaced, renewal_waiting."""
    registrations.admit(db, owner)
    found = registrations.existing(db, owner)
    if found.state is not State.REGISTERED:
        raise Refused("renewal_waiting", found.state)
    return found


def may_accept(db: Database, owner: Owner, issuer: str, serial: str) -> None:
    """Raises Refused (new_card_registered) for a card that has a registration of its own."""
    if registrations.is_known(db, owner, issuer, serial):
        raise Refused("new_card_registered")


def announce(db: Database, owner: Owner, new: bytes) -> None:
    """Keeps the new card's certificate, as examined. A finished renewal stays as it is."""
    query = "UPDATE renewals SET announced = ? WHERE certificate_sha256 = ? AND category = ? AND acceptance IS NULL"
    db.execute(query, (new, *owner))


def take_up(db: Database, session_id: str, owner: Owner) -> None:
    """Another visit of the old card goes on with its hand-over."""
    query = "UPDATE renewals SET session = ? WHERE certificate_sha256 = ? AND category = ? AND acceptance IS NULL"
    db.execute(query, (sessions.key(session_id), *owner))


def hand_over(db: Database, session_id: str, given: Handover, now: datetime) -> None:
    """Spends the nonce and stores the old card's hand-over, to wait for the new card. Raises Refused."""
    proof, new = given.proof, given.named
    owner = Owner(hashlib.sha256(proof.certificate).hexdigest(), given.category)
    sessions.spend(db, session_id, proof.nonce, now)
    may_hand_over(db, owner)
    statement = statements.keep(db, proof, now)
    row = (
        *(*owner, proof.certificate, sessions.key(session_id), statement, written(given.sections)),
        *(text(now), text(given.expires), new, int(new is not None)),
    )
    db.execute(
        "INSERT INTO renewals (certificate_sha256, category, certificate, session, handover, sections,"
        " signed, expires, announced, named) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (certificate_sha256, category) DO UPDATE SET certificate = excluded.certificate,"
        " session = excluded.session, handover = excluded.handover, sections = excluded.sections,"
        " signed = excluded.signed, expires = excluded.expires, announced = excluded.announced,"
        " named = excluded.named, acceptance = NULL",
        row,
    )


def succeed(db: Database, given: Succession, now: datetime) -> Session:
    """The end: statement, new registration, old one replaced, history, mails, visits. Raises Refused: nothing written.

    Gives the new card's visit; the acting one stays for a while without its login.
    """
    old, new = given.predecessor, hashlib.sha256(given.proof.certificate).hexdigest()
    sessions.spend(db, given.visit.session, given.proof.nonce, now)
    handed = _handed_over(db, given, now)
    may_hand_over(db, old)
    may_accept(db, old._replace(certificate_sha256=new), given.issuer, given.serial)
    statement = statements.keep(db, given.proof, now)
    _register(db, given, new, statement, now)
    _replace(db, given, new, statement, now)
    outbox.post(db, given.mails, now)
    sessions.log_out(db, given.visit.session, given.visit.asks_until)
    sessions.end_card(db, handed.certificate, old.category)
    return go_on(db, given.proof.certificate, old.category, given.visit)


def go_on(db: Database, new: bytes, category: str, visit: Visit) -> Session:
    """The new card's visit: it goes on where the old one's ended, and counts as begun when that began (利用時間)."""
    made = sessions.create(db, Login(new, Purpose.RENEWAL, category), visit.since, visit.until)
    if visit.extended:
        sessions.put_off_closing(db, made.id)
    return made._replace(extended=visit.extended)


def _handed_over(db: Database, given: Succession, now: datetime) -> Renewal:
    """The hand-over that the acceptance holds on to: still this one, this visit's, and in time."""
    found = of_card(db, given.predecessor)
    if found is None or found.handover != given.handover or found.acceptance is not None:
        raise Refused("handover_changed")
    if found.session != sessions.key(given.visit.session):
        raise Refused("handover_elsewhere")
    if found.expires <= now:
        raise Refused("handover_expired")
    return found


def _register(db: Database, given: Succession, new: str, statement: str, now: datetime) -> None:
    """The new card's registration: the old one's 企業ID and fields, its own certificate."""
    facts = (written(given.sections), given.issuer, given.serial, given.proof.certificate, statement)
    db.execute(
        "INSERT INTO registrations (certificate_sha256, category, company_id, state, contractor, form, remarks,"
        " sections, issuer, serial, certificate, statement, created, changed)"
        " SELECT ?, category, company_id, state, contractor, form, remarks, ?, ?, ?, ?, ?, ?, ? FROM registrations"
        " WHERE certificate_sha256 = ? AND category = ?",
        (new, *facts, text(now), text(now), *given.predecessor),
    )


def _replace(db: Database, given: Succession, new: str, statement: str, now: datetime) -> None:
    old = given.predecessor
    db.execute(
        "UPDATE registrations SET state = ?, successor = ?, changed = ? WHERE certificate_sha256 = ? AND category = ?",
        (State.REPLACED, new, text(now), *old),
    )
    (handed,) = db.execute(
        "UPDATE renewals SET acceptance = ?, announced = ? WHERE certificate_sha256 = ? AND category = ?"
        " RETURNING sections",
        (statement, given.proof.certificate, *old),
    ).fetchone()
    history.note_signed(db, old, Act.RENEWED, given.handover, json.loads(handed), now)
    history.note_signed(db, old._replace(certificate_sha256=new), Act.RENEWED, statement, given.signed, now)


def _one(db: Database, condition: str, *values: str) -> Renewal | None:
    row = db.execute(f"{_SELECT} WHERE {condition} LIMIT 1", values).fetchone()
    return None if row is None else _renewal(row)


def _renewal(row: tuple[Any, ...]) -> Renewal:
    certificate, category, session, handover, signed, expires, announced, named, acceptance = row
    times = (moment(signed), moment(expires))
    return Renewal(certificate, category, session, handover, *times, announced, bool(named), acceptance)
