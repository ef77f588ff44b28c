"""変更: the forms of changes as typed so far, and the transaction that writes one. Inside a caller's transaction."""

from __future__ import annotations

import json
from datetime import datetime

from portal.refusals import Refused
from portal.store import companies, history, merging, outbox, registrations, sessions, statements
from portal.store.database import Database
from portal.store.rows import Act, Change, ChangeDraft, Owner, Registration, State
from portal.store.texts import written
from portal.store.times import text


def take_up(db: Database, owner: Owner, now: datetime) -> tuple[Registration, ChangeDraft]:
    """A card's registration and the form over what is in force now, kept as such. Raises Refused."""
    registration = _changeable(db, owner)
    found = find_draft(db, owner)
    draft = merging.merged(found, registration.form) if found is not None else merging.begun(registration.form)
    if draft != found:
        save_draft(db, owner, draft, now)
    return registration, draft


def find_draft(db: Database, owner: Owner) -> ChangeDraft | None:
    query = "SELECT base, form, moved FROM change_drafts WHERE certificate_sha256 = ? AND category = ?"
    row = db.execute(query, owner).fetchone()
    return None if row is None else ChangeDraft(*(json.loads(each) for each in row))


def save_draft(db: Database, owner: Owner, draft: ChangeDraft, now: datetime) -> None:
    db.execute(
        "INSERT INTO change_drafts (certificate_sha256, category, base, form, moved, saved)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (certificate_sha256, category) DO UPDATE SET"
        " base = excluded.base, form = excluded.form, moved = excluded.moved, saved = excluded.saved",
        (*owner, *(written(each) for each in draft), text(now)),
    )


def drop_draft(db: Database, owner: Owner) -> None:
    db.execute("DELETE FROM change_drafts WHERE certificate_sha256 = ? AND category = ?", owner)


def write(db: Database, change: Change, now: datetime) -> Registration:
    """Spends the nonce, writes statement, evidence, fields, history and mails. Raises Refused: nothing is written.

    changed_meanwhile: what is in force is not what the signed page showed as such.
    """
    sessions.spend(db, change.session, change.proof.nonce, now)
    before = _changeable(db, change.owner)
    if (before.contractor, before.form) != (change.before.contractor, change.before.form):
        raise Refused("changed_meanwhile")
    statement = statements.keep(db, change.proof, now)
    facts = (written(change.after.contractor._asdict()), written(change.after.form), written(change.sections))
    db.execute(
        "UPDATE registrations SET contractor = ?, form = ?, sections = ?, statement = ?, changed = ?"
        " WHERE certificate_sha256 = ? AND category = ?",
        (*facts, statement, text(now), *change.owner),
    )
    if before.state is State.REGISTERED:
        companies.put_in_force(db, before.company_id, change.after.contractor, change.after.form, now)
    history.note(db, change.owner, Act.CHANGED, now)
    outbox.post(db, change.mails, now)
    drop_draft(db, change.owner)
    return registrations.existing(db, change.owner)


def _changeable(db: Database, owner: Owner) -> Registration:
    """Raises Refused: not_registered, card_replaced, card_stopped, registration_refused."""
    registrations.admit(db, owner)
    found = registrations.existing(db, owner)
    if found.state is State.REFUSED:
        raise Refused("registration_refused")
    return found
