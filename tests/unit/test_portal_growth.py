"""What a registration asks of the database grows with no table: every statement finds its rows by an index."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from portal.store.database import Database
from tests.unit import portal_pki as pki
from tests.unit.portal_world import world

_ONE_ROW = "SELECT 1 FROM contractor_accounts LIMIT 1"


async def test_no_table_is_walked_through_for_a_registration(tmp_path: Path) -> None:
    seen: list[str] = []

    def listen(db: Database) -> None:
        assert isinstance(db, sqlite3.Connection)
        db.set_trace_callback(seen.append)

    async with world(tmp_path) as made:
        await made.store.write(listen)
        await made.store.read(listen)
        await made.register(pki.Authority.issue(made.authority, 77))
    with sqlite3.connect(tmp_path / "portal.sqlite3") as db:
        asked = {each for each in seen if re.match("SELECT|UPDATE|DELETE|INSERT", each) and each != _ONE_ROW}
        plans = {each: [step for *_, step in db.execute(f"EXPLAIN QUERY PLAN {each}")] for each in asked}
    assert len(asked) > 30
    walked = re.compile(r"SCAN (?!.*\bINDEX\b|.*CONSTANT ROW)")
    assert {each: plan for each, plan in plans.items() if any(walked.match(step) for step in plan)} == {}
