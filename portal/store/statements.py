"""Signed statements as received, with the evidence they rest on; each function inside a caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.refusals import Refused
from portal.store import history
from portal.store.database import Database
from portal.store.rows import Proof
from portal.store.texts import written
from portal.store.times import text


def keep(db: Database, proof: Proof, now: datetime) -> str:
    """Stores a CMS as received with its evidence; its SHA-256. Raises Refused (nonce_spent) if it is there already."""
    sha256 = hashlib.sha256(proof.cms).hexdigest()
    evidence = written(dict(proof.evidence))
    certificate = hashlib.sha256(proof.certificate).hexdigest()
    row = (sha256, proof.type, proof.nonce, proof.cms, evidence, certificate, text(now))
    query = "INSERT INTO statements VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"  # of its bytes or its nonce
    kept = db.execute(query, row)
    _keep_lists(db, proof.revocation_lists)  # before that is looked at: PostgreSQL answers both in one round
    if kept.rowcount != 1:
        raise Refused("nonce_spent", "the statement is stored already")
    return sha256


def confirm(db: Database, sha256: str, evidence: Mapping[str, Any], lists: Mapping[str, bytes]) -> None:
    """Puts evidence in the place of evidence that waited for revocation data; since when it waited is kept."""
    (stored,) = db.execute("SELECT evidence FROM statements WHERE sha256 = ?", (sha256,)).fetchone()
    before = json.loads(stored)
    if before.pop("revocation", None) is None:  # signed anew since, and checked then
        return
    _keep_lists(db, lists)
    after = written({**before, **evidence, "receivedAt": before["verifiedAt"]})
    db.execute("UPDATE statements SET evidence = ? WHERE sha256 = ?", (after, sha256))


def of_company(db: Database, company_id: str) -> list[bytes]:
    """The last CMS of each card of a company, as received, in order of registration."""
    rows = db.execute(
        "SELECT s.cms FROM registrations r JOIN statements s ON s.sha256 = r.statement"  # noqa: S608 - our own
        f" WHERE r.company_id = ? ORDER BY r.created, {history.FIRST}",
        (company_id,),
    )
    return [cms for (cms,) in rows]


def _keep_lists(db: Database, lists: Mapping[str, bytes]) -> None:
    for sha256, der in lists.items():
        # Asked first: binding a list of megabytes for nothing costs more than everything else here.
        if db.execute("SELECT 1 FROM revocation_lists WHERE sha256 = ?", (sha256,)).fetchone() is None:
            db.execute("INSERT INTO revocation_lists VALUES (?, ?) ON CONFLICT DO NOTHING", (sha256, der))
