"""Registrations, one per card, each function inside a caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from portal.refusals import Refused
from portal.registration.admission import BAD_CARD, TAKEN, UNCHECKED, Reason, Remark, waits_for
from portal.registration.rules import Effect
from portal.store import accounts, companies, history, outbox, sessions, statements
from portal.store.database import Database
from portal.store.mail_rows import Mail
from portal.store.rows import UNACCEPTED, Act, Contractor, Draft, Entry, Outcome, Owner, Registration, State
from portal.store.texts import written
from portal.store.times import moment, text

_SELECT = (
    f"SELECT r.company_id, {history.FIRST}, r.category, r.state,"  # noqa: S608 - our own
    " r.contractor, c.contractor, r.form, c.form, r.remarks, r.sections,"
    " r.issuer, r.serial, r.certificate, r.certificate_sha256, r.statement, r.created, r.changed"
    " FROM registrations r JOIN companies c ON c.company_id = r.company_id"
)
Settling = tuple[Mapping[str, Any], Mapping[str, bytes]]
"""Evidence, and the revocation lists (DER) that it names."""
Compose = Callable[[Outcome], list[Mail]]
"""The mails that an outcome calls for."""


def register(db: Database, entry: Entry, prefix: str, compose: Compose, now: datetime) -> Registration:
    """Spends the nonce, writes statement, evidence, registration and mails. Raises Refused: then nothing is written."""
    owner = Owner(hashlib.sha256(entry.proof.certificate).hexdigest(), entry.category)
    sessions.spend(db, entry.session, entry.proof.nonce, now)
    _check_place(db, owner, entry.issuer, entry.serial)
    known = companies.find(db, entry.contractor.number, entry.category)
    contacts = () if known is None else companies.registered_contacts(db, entry.contractor.number, entry.category)
    remarks = (*entry.remarks, TAKEN) if contacts else entry.remarks
    reasons = waits_for(remarks)
    state = State.PROVISIONAL if reasons else State.REGISTERED
    accepted = entry.form if state is State.REGISTERED else None
    company_id = known or companies.found(db, entry.contractor, entry.category, prefix, accepted, now)
    statement = _insert(db, entry, owner, company_id, state, remarks, now)
    _check_account(db, entry, owner)
    if known is not None and accepted is not None:
        companies.put_in_force(db, company_id, entry.contractor, accepted, now)
    if accepted is not None and entry.user_id:
        accounts.put_in_force(db, owner, company_id)
    noted = history.note(db, owner, Act.REGISTERED, now)
    sessions.drop_draft(db, owner)
    # A company that was founded a moment ago has no earlier act.
    number = reception(noted if known is None else history.first(db, owner.certificate_sha256, company_id))
    outbox.post(db, compose(Outcome(company_id, number, state, reasons, contacts)), now)
    # What `find` would read again: it is in force for this card, whoever's the company's was before.
    return Registration(
        *(company_id, number, entry.category, state, entry.contractor, dict(entry.form), remarks, entry.sections),
        *(entry.issuer, entry.serial, entry.proof.certificate, owner.certificate_sha256, statement, now, now),
    )


def unchecked(db: Database) -> list[Registration]:
    """仮登録 whose revocation could not be told when they came, the oldest first."""
    query = f"{_SELECT} WHERE r.state = ? AND r.remarks LIKE ? ORDER BY r.created, 2"
    found = [_registration(row) for row in db.execute(query, (State.PROVISIONAL, f"%{UNCHECKED.reason}%"))]
    return [each for each in found if UNCHECKED in each.remarks]


def settle(db: Database, owner: Owner, proof: Settling | None, compose: Compose, now: datetime) -> bool:
    """What the second look at a card found: evidence and lists, or None where the card does not hold.

    False: somebody has decided on the registration meanwhile, and nothing is written.
    """
    found = existing(db, owner)
    if found.state is not State.PROVISIONAL or UNCHECKED not in found.remarks:
        return False
    contacts = companies.registered_contacts(db, found.number, owner.category)
    others = [remark for remark in found.remarks if remark not in (UNCHECKED, TAKEN)]
    remarks = (*others, *([TAKEN] if contacts else []), *([] if proof else [BAD_CARD]))
    reasons = waits_for(remarks)
    state = State.PROVISIONAL if reasons else State.REGISTERED
    if proof is not None:
        statements.confirm(db, found.cms_sha256, *proof)
    db.execute(
        "UPDATE registrations SET state = ?, remarks = ?, changed = ? WHERE certificate_sha256 = ? AND category = ?",
        (state, written(remarks), text(now), *owner),
    )
    if state is State.REGISTERED:
        companies.put_in_force(db, found.company_id, found.contractor, found.form, now)
        accounts.put_in_force(db, owner, found.company_id)
    history.note(db, owner, Act.CHECKED, now)
    told = () if TAKEN in found.remarks else contacts  # they learn of the claim once
    outbox.post(db, compose(Outcome(found.company_id, found.reception, state, reasons, told)), now)
    return True


def _check_account(db: Database, entry: Entry, owner: Owner) -> None:
    """The account that waits is the one that was signed; where none was, none waits. Raises Refused."""
    if not entry.user_id:
        accounts.give(db, owner, None)
        return
    waiting = accounts.given(db, owner)
    if waiting is None or (waiting.number, waiting.account.user_id) != (entry.contractor.number, entry.user_id):
        raise Refused("content_changed", "user information")


def is_known(db: Database, owner: Owner, issuer: str, serial: str) -> bool:
    """Whether this card is registered, by its certificate or by what its issuer calls it."""
    query = "SELECT 1 FROM registrations WHERE category = ? AND (certificate_sha256 = ? OR (issuer = ? AND serial = ?))"
    return db.execute(query, (owner.category, owner.certificate_sha256, issuer, serial)).fetchone() is not None


def admit_unchecked(db: Database, owner: Owner) -> None:
    """Lets in a card of which could not be told whether it was revoked. Raises Refused where it could see anything."""
    if find(db, owner) is not None or sessions.draft(db, owner) != Draft(None, {}, {}):
        raise Refused("revocation_unavailable", "of a card that is known here")


def _check_place(db: Database, owner: Owner, issuer: str, serial: str) -> None:
    """This card is not registered. One that was refused is registered anew; its history and its statements stay.

    Raises Refused.
    """
    card = "category = ? AND (certificate_sha256 = ? OR (issuer = ? AND serial = ?))"
    values = (owner.category, owner.certificate_sha256, issuer, serial)
    states = [State(state) for (state,) in db.execute(f"SELECT state FROM registrations WHERE {card}", values)]  # noqa: S608 - our own
    if any(state is not State.REFUSED for state in states):
        raise Refused("already_registered")
    if states:
        db.execute(f"DELETE FROM registrations WHERE {card}", values)  # noqa: S608 - our own


def admit(db: Database, owner: Owner) -> None:
    """Lets a card in to log in. Raises Refused: card_replaced when another took its place, card_stopped."""
    found = find(db, owner)
    if found is not None and found.state is State.REPLACED:
        raise Refused("card_replaced")
    if found is not None and found.state is State.STOPPED:
        raise Refused("card_stopped")


def find(db: Database, owner: Owner) -> Registration | None:
    return _one(db, "r.certificate_sha256 = ? AND r.category = ?", *owner)


def existing(db: Database, owner: Owner) -> Registration:
    """The registration of a card that has one. Raises Refused (not_registered)."""
    found = find(db, owner)
    if found is None:
        raise Refused("not_registered")
    return found


def find_by_statement(db: Database, cms_sha256: str) -> Registration | None:
    """The registration of the card that signed this statement, whatever it has signed since."""
    signed = (
        "(r.certificate_sha256, r.company_id) IN (SELECT h.certificate_sha256, h.company_id FROM history h"
        " JOIN statements s ON s.sha256 = h.statement AND s.certificate_sha256 = h.certificate_sha256"
        " WHERE h.statement = ?)"
    )
    return _one(db, signed, cms_sha256)


def find_by_company(db: Database, company_id: str) -> list[Registration]:
    rows = db.execute(f"{_SELECT} WHERE r.company_id = ? ORDER BY r.created, 2", (company_id,))
    return [_registration(row) for row in rows]


def everything(db: Database) -> list[Registration]:
    return [_registration(row) for row in db.execute(f"{_SELECT} ORDER BY r.created, 2")]


def reception(received: int) -> str:
    """受付番号, by the place of the first act in the history: R-000042."""
    return f"R-{received:06d}"


def counted(reception: str) -> int:
    """What a 受付番号 of ours counts."""
    return int(reception.removeprefix("R-"))


def _insert(
    db: Database,
    entry: Entry,
    owner: Owner,
    company_id: str,
    state: State,
    remarks: tuple[Remark, ...],
    now: datetime,
) -> str:
    """The SHA-256 of the statement that it rests on."""
    statement, when = statements.keep(db, entry.proof, now), text(now)
    row = (
        *(*owner, company_id, state, written(entry.contractor._asdict()), written(dict(entry.form))),
        *(written(remarks), written(entry.sections), entry.issuer, entry.serial),
        *(entry.proof.certificate, statement, when, when),
    )
    db.execute(
        "INSERT INTO registrations (certificate_sha256, category, company_id, state, contractor, form, remarks,"
        " sections, issuer, serial, certificate, statement, created, changed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    return statement


def _one(db: Database, condition: str, *values: str) -> Registration | None:
    row = db.execute(f"{_SELECT} WHERE {condition}", values).fetchone()
    return None if row is None else _registration(row)


def _registration(row: tuple[Any, ...]) -> Registration:
    company_id, received, category, state, signed, shared, own, common, remarks, sections, *rest = row
    issuer, serial, certificate, certificate_sha256, statement, created, changed = rest
    contractor, form = json.loads(signed), json.loads(own)
    if state not in UNACCEPTED:
        contractor |= json.loads(shared)
        form |= json.loads(common)
    return Registration(
        company_id,
        reception(received),
        category,
        State(state),
        Contractor(**contractor),
        form,
        tuple(Remark(Reason(reason), Effect(effect)) for reason, effect in json.loads(remarks)),
        json.loads(sections),
        issuer,
        serial,
        certificate,
        certificate_sha256,
        statement,
        moment(created),
        moment(changed),
    )
