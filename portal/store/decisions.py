"""What an officer decides about a registration, written in one transaction. Inside a caller's transaction."""

from __future__ import annotations

from datetime import datetime

from portal.refusals import Refused
from portal.registration.admission import BAD_CARD, UNCHECKED
from portal.store import (
    accounts,
    companies,
    history,
    lookup,
    officer_log,
    officers,
    outbox,
    registrations,
    sessions,
    statements,
)
from portal.store.database import Database
from portal.store.officer_rows import Decided, Line, OfficerAct, Pending
from portal.store.rows import Act, Registration, State
from portal.store.times import moment, text

FROM = {
    OfficerAct.ACCEPTED: State.PROVISIONAL,
    OfficerAct.REFUSED: State.PROVISIONAL,
    OfficerAct.STOPPED: State.REGISTERED,
    OfficerAct.RESUMED: State.STOPPED,
}
"""Where a registration must stand for each decision."""
TO = {
    OfficerAct.ACCEPTED: State.REGISTERED,
    OfficerAct.REFUSED: State.REFUSED,
    OfficerAct.STOPPED: State.STOPPED,
    OfficerAct.RESUMED: State.REGISTERED,
}
"""And where it stands afterwards."""


def decide(db: Database, decided: Decided, now: datetime) -> Registration:
    """Spends the nonce, writes statement, state, history, log and mails. Raises Refused: then nothing is written.

    registration_moved: it is not any more what the officer's page showed.
    """
    officers.spend(db, decided.session, decided.proof.nonce, now)
    before = current(db, decided.pending)
    act = OfficerAct(decided.pending.act)
    statement = statements.keep(db, decided.proof, now)
    db.execute(
        "UPDATE registrations SET state = ?, changed = ? WHERE certificate_sha256 = ? AND category = ?",
        (TO[act], text(now), *before.owner),
    )
    if act is OfficerAct.ACCEPTED:
        _put_in_force(db, before, now)
    if act is OfficerAct.STOPPED:
        sessions.end_card(db, before.certificate, before.category)
    history.note(db, before.owner, Act(act.value), now)
    who, reason = decided.officer, decided.pending.reason
    line = Line(who.id, who.name, act, before.reception, before.state, TO[act], reason, statement)
    officer_log.note(db, line, now)
    officers.keep_pending(db, decided.session, None)
    outbox.post(db, decided.mails, now)
    return registrations.existing(db, before.owner)


def current(db: Database, pending: Pending) -> Registration:
    """The registration as the decision was made on it. Raises Refused (reception_unknown, registration_moved)."""
    found = lookup.by_reception(db, registrations.counted(pending.reception))
    if found is None:
        raise Refused("reception_unknown")
    stands = (found.cms_sha256, found.state, text(found.changed))
    if stands != (pending.basis, pending.state, pending.changed):
        raise Refused("registration_moved", found.state)
    if pending.act == OfficerAct.ACCEPTED and unfit(found):
        raise Refused("card_unchecked")
    return found


def unfit(registration: Registration) -> bool:
    """Whether its card's revocation could not be told yet, or the card does not hold: nobody accepts it so."""
    return any(remark in (UNCHECKED, BAD_CARD) for remark in registration.remarks)


def _put_in_force(db: Database, accepted: Registration, now: datetime) -> None:
    """What this card signed becomes the company's, unless a card of the company has signed something since."""
    contractor, changed = db.execute(
        "SELECT contractor, changed FROM companies WHERE company_id = ?", (accepted.company_id,)
    ).fetchone()
    if contractor == "{}" or moment(changed) <= accepted.changed:
        companies.put_in_force(db, accepted.company_id, accepted.contractor, accepted.form, now)
    accounts.put_in_force(db, accepted.owner, accepted.company_id)
