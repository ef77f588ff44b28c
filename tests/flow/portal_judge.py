"""What has to hold of a portal's database, whatever happened: read by plain SQL, beside what its clients were told."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import psycopg

from portal.cli import main
from tests.flow.portal_crowd import ACCEPTANCE, CHANGE, HANDOVER, REGISTRATION, Ledger

_ACTS = {"registered": REGISTRATION, "changed": CHANGE}


async def judge(settings: Path, database: Path | str, ledger: Ledger) -> None:
    """What `check` checks, and each stored CMS verifies again by its stored evidence. No program has it open.

    `database`: SQLite's file, or PostgreSQL's address.
    """
    await asyncio.to_thread(check, database, ledger)
    assert await asyncio.to_thread(main, ["verify-archive", "--config", str(settings)]) == 0


def check(database: Path | str, ledger: Ledger) -> None:
    """Every acknowledged act is there once, none by half, and no other. SQLite first brings back what is in the WAL."""
    with contextlib.closing(_opened(database)) as db:
        _check_statements(db, ledger)
        _check_history(db, ledger)
        _check_registrations(db)
        _check_nonces(db)
        _check_mails(db)


def _opened(database: Path | str) -> Any:
    if isinstance(database, str):
        return psycopg.connect(database)
    db = sqlite3.connect(database)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    return db


def _check_statements(db: Any, ledger: Ledger) -> None:
    """What was acknowledged is kept as it was sent, and nothing that nobody sent."""
    kept = db.execute("SELECT sha256, cms FROM statements WHERE type != 'login'").fetchall()
    assert all(hashlib.sha256(cms).hexdigest() == sha256 for sha256, cms in kept)
    there = {sha256 for sha256, _ in kept}
    assert ledger.told.keys() <= there, "acknowledged and lost"
    assert there <= ledger.sent.keys(), "kept and never sent"


def _check_history(db: Any, ledger: Ledger) -> None:
    """Each statement but a hand-over that waits has its line, for the company that the client was told."""
    lines = db.execute("SELECT statement, company_id, act FROM history").fetchall()
    assert set(Counter(statement for statement, _, _ in lines).values()) == {1}
    company = {statement: number for statement, number, _ in lines}
    for sha256, told in ledger.told.items():
        assert ledger.sent[sha256] == HANDOVER or company.get(sha256) == told
    for statement, _, act in lines:
        assert ledger.sent[statement] in ({_ACTS[act]} if act in _ACTS else {HANDOVER, ACCEPTANCE})
    kept = {sha256 for (sha256,) in db.execute("SELECT sha256 FROM statements WHERE type != 'login'")}
    assert {sha256 for sha256 in kept - company.keys() if ledger.sent[sha256] != HANDOVER} == set()
    accepted = db.execute("SELECT handover, acceptance FROM renewals WHERE acceptance IS NOT NULL").fetchall()
    assert {each for pair in accepted for each in pair} == {line[0] for line in lines if line[2] == "renewed"}


def _check_registrations(db: Any) -> None:
    """Each card of a company has lines of its own, the last of which is what its registration rests on."""
    rows = db.execute("SELECT company_id, certificate_sha256, statement, state FROM registrations").fetchall()
    assert rows
    lines = defaultdict(list)
    for company, card, act, of_act in db.execute(
        "SELECT company_id, certificate_sha256, act, statement FROM history ORDER BY id"
    ):
        lines[company, card].append((act, of_act))
    for company, card, statement, state in rows:
        acts = lines[company, card]
        assert acts, "a registration without a line"
        assert acts[-1][1] == statement or (state == "replaced" and acts[-1][0] == "renewed")
        assert acts[0][0] in ("registered", "renewed")
    assert {row[0] for row in rows} == {company for (company,) in db.execute("SELECT company_id FROM companies")}


def _check_nonces(db: Any) -> None:
    """Spent is what has its statement, and the other way round."""
    spent = {nonce for (nonce,) in db.execute("SELECT nonce FROM nonces WHERE spent IS NOT NULL")}
    waiting = {nonce for (nonce,) in db.execute("SELECT nonce FROM nonces WHERE spent IS NULL")}
    kept = {nonce for (nonce,) in db.execute("SELECT nonce FROM statements")}
    assert spent <= kept, "spent for nothing"
    assert not waiting & kept, "kept and not spent"


def _check_mails(db: Any) -> None:
    """One for each act: the example has one address for both, and a renewal is two lines of the history."""
    acts = Counter(act for (act,) in db.execute("SELECT act FROM history"))
    subjects = db.execute("SELECT subject, count(*) FROM outbox GROUP BY subject").fetchall()
    mails = Counter(dict(subjects))
    wanted = {"登録完了": acts["registered"], "変更完了": acts["changed"], "ICカード更新完了": acts["renewed"] // 2}
    found = {word: sum(count for subject, count in mails.items() if word in subject) for word in wanted}
    assert found == wanted
    assert sum(mails.values()) == sum(wanted.values())
