"""Registrations with everything that belongs to them, each function inside a caller's transaction."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from portal.refusals import Refused
from portal.store import outbox, sessions
from portal.store.rows import Act, Entry, Event, Mail, Proof, Registration, State
from portal.store.times import moment, text

_SELECT = (
    "SELECT r.company_id, c.number, c.category, r.state, r.form, c.form, r.sections, r.issuer, r.serial, r.certificate,"
    " r.certificate_sha256, r.statement, r.created, r.changed"
    " FROM registrations r JOIN companies c ON c.company_id = r.company_id"
)


def register(
    db: sqlite3.Connection, entry: Entry, prefix: str, compose: Callable[[str, State], list[Mail]], now: datetime
) -> Registration:
    """Spends the nonce, writes statement, evidence, registration and mails. Raises Refused: then nothing is written."""
    certificate_sha256 = hashlib.sha256(entry.proof.certificate).hexdigest()
    sessions.spend(db, entry.session, entry.proof.nonce, now)
    if find_by_certificate(db, certificate_sha256) or _card_known(db, entry.issuer, entry.serial):
        raise Refused("already_registered")
    statement = store_statement(db, entry.proof, now)
    state = _state(db, entry)
    company_id = _company_id(db, entry, prefix, now)
    row = (
        *(certificate_sha256, company_id, state, _json(dict(entry.form)), _json(entry.sections)),
        *(entry.issuer, entry.serial, entry.proof.certificate, statement, text(now), text(now)),
    )
    db.execute(
        "INSERT INTO registrations (certificate_sha256, company_id, state, form, sections, issuer, serial,"
        " certificate, statement, created, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    if state is State.REGISTERED:
        put_in_force(db, company_id, entry.form, now)
    note(db, certificate_sha256, Act.REGISTERED, now)
    outbox.post(db, compose(company_id, state), now)
    sessions.drop_draft(db, certificate_sha256)
    registration = find_by_certificate(db, certificate_sha256)
    assert registration is not None  # noqa: S101 - inserted a few lines above
    return registration


def admit(db: sqlite3.Connection, certificate: bytes) -> None:
    """Lets a card in to log in. Raises Refused (card_replaced) when another took its place."""
    found = find_by_certificate(db, hashlib.sha256(certificate).hexdigest())
    if found is not None and found.state is State.REPLACED:
        raise Refused("card_replaced")


def put_in_force(db: sqlite3.Connection, company_id: str, form: Mapping[str, str], now: datetime) -> None:
    """The company's own fields of a form become those of all its cards."""
    own = {name: value for name, value in form.items() if not name.startswith("card_")}
    db.execute("UPDATE companies SET form = ?, changed = ? WHERE company_id = ?", (_json(own), text(now), company_id))


def note(db: sqlite3.Connection, certificate_sha256: str, act: Act, now: datetime) -> None:
    """One more line of history: the card's registration as it stands now."""
    db.execute(
        "INSERT INTO history (at, company_id, certificate_sha256, act, state, statement, sections)"
        " SELECT ?, company_id, certificate_sha256, ?, state, statement, sections FROM registrations"
        " WHERE certificate_sha256 = ?",
        (text(now), act, certificate_sha256),
    )


def history(db: sqlite3.Connection, company_id: str) -> list[Event]:
    """What was done to a company's registrations, oldest first."""
    rows = db.execute(
        "SELECT at, certificate_sha256, act, state, statement, sections FROM history WHERE company_id = ? ORDER BY id",
        (company_id,),
    )
    return [
        Event(moment(at), certificate, Act(act), State(state), statement, json.loads(sections))
        for at, certificate, act, state, statement, sections in rows
    ]


def store_statement(db: sqlite3.Connection, proof: Proof, now: datetime) -> str:
    """Stores a CMS as received with its evidence; its SHA-256."""
    sha256 = hashlib.sha256(proof.cms).hexdigest()
    _keep_lists(db, proof.revocation_lists)
    evidence = json.dumps(dict(proof.evidence), ensure_ascii=False)
    certificate = hashlib.sha256(proof.certificate).hexdigest()
    row = (sha256, proof.type, proof.nonce, proof.cms, evidence, certificate, text(now))
    try:
        db.execute("INSERT INTO statements VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    except sqlite3.IntegrityError as error:
        raise Refused("nonce_spent", "the statement is stored already") from error
    return sha256


def find_by_certificate(db: sqlite3.Connection, certificate_sha256: str) -> Registration | None:
    return _one(db, "r.certificate_sha256 = ?", certificate_sha256)


def find_by_statement(db: sqlite3.Connection, cms_sha256: str) -> Registration | None:
    return _one(db, "r.statement = ?", cms_sha256)


def find_by_company(db: sqlite3.Connection, company_id: str) -> list[Registration]:
    rows = db.execute(f"{_SELECT} WHERE r.company_id = ? ORDER BY r.created", (company_id,))
    return [_registration(row) for row in rows]


def everything(db: sqlite3.Connection) -> list[Registration]:
    return [_registration(row) for row in db.execute(f"{_SELECT} ORDER BY r.created, r.company_id")]


def stored_cms(db: sqlite3.Connection, company_id: str) -> list[bytes]:
    """The CMS of each card of a company, as received, in order of registration."""
    rows = db.execute(
        "SELECT s.cms FROM registrations r JOIN statements s ON s.sha256 = r.statement"
        " WHERE r.company_id = ? ORDER BY r.created",
        (company_id,),
    )
    return [cms for (cms,) in rows]


def _one(db: sqlite3.Connection, condition: str, value: str) -> Registration | None:
    row = db.execute(f"{_SELECT} WHERE {condition}", (value,)).fetchone()
    return None if row is None else _registration(row)


def _registration(row: tuple[Any, ...]) -> Registration:
    company_id, number, category, state, own, common, sections, issuer, serial, *rest = row
    certificate, certificate_sha256, statement, created, changed = rest
    form = json.loads(own)
    if state != State.PROVISIONAL:
        form |= json.loads(common)
    return Registration(
        company_id,
        number,
        category,
        State(state),
        form,
        json.loads(sections),
        issuer,
        serial,
        certificate,
        certificate_sha256,
        statement,
        moment(created),
        moment(changed),
    )


def _card_known(db: sqlite3.Connection, issuer: str, serial: str) -> bool:
    query = "SELECT 1 FROM registrations WHERE issuer = ? AND serial = ?"
    return db.execute(query, (issuer, serial)).fetchone() is not None


def _state(db: sqlite3.Connection, entry: Entry) -> State:
    """業者番号 and 商号 are public: a card speaks for a company only by the organisation in its certificate, and beside
    a registered card of the same company only once the agency has looked."""
    taken = db.execute(
        "SELECT 1 FROM registrations r JOIN companies c ON c.company_id = r.company_id"
        " WHERE c.number = ? AND c.category = ? AND r.state = ?",
        (entry.number, entry.category, State.REGISTERED),
    ).fetchone()
    return State.REGISTERED if entry.organization_matches and taken is None else State.PROVISIONAL


def _company_id(db: sqlite3.Connection, entry: Entry, prefix: str, now: datetime) -> str:
    """The company's 企業ID: the agency's prefix and 12 digits of a sequence that never repeats."""
    known = db.execute(
        "SELECT company_id FROM companies WHERE number = ? AND category = ?", (entry.number, entry.category)
    ).fetchone()
    if known is not None:
        return str(known[0])
    sequence = db.execute("INSERT INTO company_ids (company_id) VALUES (NULL)").lastrowid
    company_id = f"{prefix}{sequence:012d}"
    db.execute("UPDATE company_ids SET company_id = ? WHERE number = ?", (company_id, sequence))
    row = (company_id, entry.number, entry.category, "{}", "", "", text(now), text(now))
    db.execute("INSERT INTO companies VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return company_id


def _keep_lists(db: sqlite3.Connection, lists: Mapping[str, bytes]) -> None:
    for sha256, der in lists.items():
        # Asked first: binding a list of megabytes for nothing costs more than everything else here.
        if db.execute("SELECT 1 FROM revocation_lists WHERE sha256 = ?", (sha256,)).fetchone() is None:
            db.execute("INSERT INTO revocation_lists VALUES (?, ?)", (sha256, der))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
