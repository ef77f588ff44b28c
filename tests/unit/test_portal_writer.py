"""The writer's thread and the file it writes into: whatever fails is told, and does not last longer than it does."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from portal.store import Draft, Owner, Store, Unavailable, open_store
from portal.store.writer import Writer
from tests.unit import portal_pki as pki

OWNER = Owner("0" * 64, "")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "data" / "portal.sqlite3")
    yield opened
    await opened.close()


async def test_a_database_that_was_moved_away_takes_nothing_until_it_is_back(store: Store, tmp_path: Path) -> None:
    """What the program wrote into a file that nobody finds again would be told to people, and lost."""
    place, away = tmp_path / "data" / "portal.sqlite3", tmp_path / "data" / "away"
    draft = Draft(None, {}, {"company_department": "契約"})
    place.rename(away)
    with pytest.raises(Unavailable, match="not where it was opened"):
        await store.update_draft(OWNER, lambda _: draft, pki.NOW)
    place.write_bytes(b"")  # another one in its place is none either
    with pytest.raises(Unavailable, match="not where it was opened"):
        await store.update_draft(OWNER, lambda _: draft, pki.NOW)
    assert await store.draft(OWNER) == Draft(None, {}, {})
    away.replace(place)
    await store.update_draft(OWNER, lambda _: draft, pki.NOW)
    assert await store.draft(OWNER) == draft


class _Forgetful(sqlite3.Connection):
    """Has no memory for what `forgets` names, as often as it says."""

    forgets: ClassVar[dict[str, int]] = {}

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if self.forgets.get(sql, 0):
            self.forgets[sql] -= 1
            raise MemoryError
        return super().execute(sql, *parameters)


@pytest.mark.parametrize(
    "forgets",
    [{"BEGIN IMMEDIATE": 1}, {"COMMIT": 1}, {"SAVEPOINT job": 1}, {"COMMIT": 1, "ROLLBACK": 1}],
    ids=", ".join,
)
async def test_the_writer_goes_on_after_whatever_fails(
    forgets: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Forgetful, "forgets", dict(forgets))
    connection = sqlite3.connect(
        tmp_path / "a.sqlite3", isolation_level=None, check_same_thread=False, factory=_Forgetful
    )
    connection.execute("CREATE TABLE kept (number INTEGER)")
    writer = Writer(connection)
    async with asyncio.timeout(60):
        with pytest.raises(MemoryError):
            await writer.submit(lambda db: db.execute("INSERT INTO kept VALUES (1)").rowcount)
        assert await writer.submit(lambda db: db.execute("INSERT INTO kept VALUES (2)").rowcount) == 1
        assert await writer.submit(lambda db: db.execute("SELECT number FROM kept").fetchall()) == [(2,)]
    writer.close()
