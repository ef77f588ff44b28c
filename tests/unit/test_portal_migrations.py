"""The tables' revisions, up and down, in both databases: no row is lost, none is taken out unasked."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from portal import cli
from portal.store import schema
from portal.store.migrations import running
from portal.store.migrations.running import BASE, DataLoss
from portal.store.schema import HEAD, SchemaError
from tests.unit import databases, every_row, numbered_steps
from tests.unit.databases import Place

KINDS = ("sqlite", "postgresql")
REVISIONS = ("0001", "0002", "0003", "0004")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place for a database without tables."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    path = tmp_path / "portal.sqlite3"
    path.touch()
    return path


def test_every_revision_has_one_before_it_and_the_newest_is_the_portals() -> None:
    assert tuple(running.revisions()) == REVISIONS
    assert REVISIONS[-1] == HEAD
    assert all(brings.endswith(".") for brings in running.revisions().values())


def test_up_down_and_up_again_keeps_every_row_that_has_a_place(place: Place) -> None:
    schema.migrate(place)
    shape = databases.shape(place)
    databases.fill(place)
    for count in (2, 1):
        running.move(place, REVISIONS[count - 1], lose=True)
        parts = every_row.EVERY[:count]
        assert databases.rows(place, *parts) == databases.expected(*parts)
        assert set(databases.shape(place)) == {"alembic_version", *(table for part in parts for table in part)}
    schema.migrate(place)
    assert databases.shape(place) == shape
    assert databases.rows(place, every_row.BIDDERS) == databases.expected(every_row.BIDDERS)
    found = databases.rows(place, every_row.OFFICERS)  # officers are gone; what companies are found by is made anew
    assert found.pop("company_terms") == databases.expected(every_row.OFFICERS)["company_terms"]
    assert not any(found.values())
    running.move(place, BASE, lose=True)
    assert list(databases.shape(place)) == ["alembic_version"]
    schema.migrate(place)
    assert databases.shape(place) == shape
    assert not any(databases.rows(place).values())


def test_both_databases_have_the_same_tables(tmp_path: Path, postgresql: str) -> None:
    path = tmp_path / "portal.sqlite3"
    path.touch()
    for each in (path, postgresql):
        schema.migrate(each)
    mine, theirs = databases.shape(path), databases.shape(postgresql)
    assert len(mine) == 26
    assert mine == theirs


def test_postgresql_compares_text_as_sqlite_does(postgresql: str) -> None:
    schema.migrate(postgresql)
    databases.fill(postgresql)
    with psycopg.connect(postgresql) as db:
        found = db.execute("SELECT number FROM contractors ORDER BY number").fetchall()
        assert [number for (number,) in found] == ["000000001", "B", "a"]
        columns = db.execute(
            "SELECT count(*), count(*) FILTER (WHERE collation_name = 'C') FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'text'"
        ).fetchone()
    assert columns is not None
    assert columns[0] == columns[1] > 100


@pytest.mark.parametrize("act", ["UPDATE officer_log SET who = ''", "DELETE FROM officer_log"])
def test_the_log_of_officers_is_only_written_on(place: Place, act: str) -> None:
    schema.migrate(place)
    databases.fill(place)
    with pytest.raises(Exception, match="the log of officers is only written on"), databases.opened(place) as db:
        db.execute(act)
    assert databases.rows(place) == databases.expected()


def test_the_log_of_officers_is_not_emptied_at_once_either(postgresql: str) -> None:
    schema.migrate(postgresql)
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation), psycopg.connect(postgresql) as db:
        db.execute("TRUNCATE officer_log")


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_database_of_the_numbered_steps_is_brought_over(tmp_path: Path, version: int) -> None:
    old, fresh = tmp_path / "old.sqlite3", tmp_path / "fresh.sqlite3"
    numbered_steps.make(old, version)
    parts = every_row.EVERY[:version]
    databases.fill(old, *parts)
    schema.migrate(old)
    assert databases.rows(old, *parts) == databases.expected(*parts)
    schema.migrate(fresh)
    assert databases.shape(old) == databases.shape(fresh)
    copies = list(tmp_path.glob(f"old.sqlite3.revision-000{version}-*"))
    assert len(copies) == 1  # as it was
    assert [databases.rows(copy, *parts) for copy in copies] == [databases.expected(*parts)] * len(copies)


def test_one_of_a_newer_version_is_left_alone(place: Place) -> None:
    schema.migrate(place)
    databases.fill(place)
    with databases.opened(place) as db:
        db.execute("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(SchemaError, match=f"version 0099, this software knows up to {HEAD}"):
        schema.migrate(place)
    assert databases.rows(place) == databases.expected()


def test_a_downgrade_that_takes_rows_out_is_asked_for_twice(place: Place) -> None:
    schema.migrate(place)
    running.move(place, "0002")  # nothing is there yet
    schema.migrate(place)
    databases.fill(place)
    with pytest.raises(DataLoss) as caught:
        running.move(place, "0002")
    assert caught.value.rows == {"news": 2, "days": 2, "emergency": 1, "inquiries": 1}
    assert databases.rows(place) == databases.expected()


def test_the_newest_database_is_opened_without_alembic(place: Place, tmp_path: Path) -> None:
    schema.migrate(place)
    code = f"""
import sys
from pathlib import Path
from portal.store import schema
schema.migrate({str(place)!r} if {isinstance(place, str)} else Path({str(place)!r}))
print([name for name in ("alembic", "sqlalchemy", "mako") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


_KILLED = """
import os, signal, sys
import sqlalchemy as sa
from pathlib import Path
from portal.store.migrations import running
@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def kill(connection, cursor, statement, *_):
    if statement.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
running.upgrade(sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1]))
"""


@pytest.mark.parametrize("at", ["INSERT INTO company_terms", "CREATE INDEX outbox_state"])
def test_killed_in_the_middle_it_is_as_before(place: Place, at: str) -> None:
    schema.migrate(place)
    databases.fill(place)
    running.move(place, "0001", lose=True)
    shape = databases.shape(place)
    done = subprocess.run([sys.executable, "-c", _KILLED, str(place), at], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (running.revision(place), databases.shape(place)) == ("0001", shape)
    assert databases.rows(place, every_row.BIDDERS) == databases.expected(every_row.BIDDERS)
    schema.migrate(place)
    assert running.revision(place) == HEAD


_AT_ONCE = """
import sys
from pathlib import Path
from portal.store import schema
from portal.store.migrations import running  # loaded before, so that all begin together
print("ready", flush=True)
sys.stdin.readline()
schema.migrate(sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1]))
"""


def test_processes_that_start_together_migrate_once(place: Place, tmp_path: Path) -> None:
    if isinstance(place, Path):
        place.unlink()
        numbered_steps.make(place, 1)
    else:
        running.move(place, "0001")
    databases.fill(place, every_row.BIDDERS)
    pipe = subprocess.PIPE
    begun = [
        subprocess.Popen([sys.executable, "-c", _AT_ONCE, str(place)], stdin=pipe, stdout=pipe, text=True)
        for _ in range(3)
    ]
    for process in begun:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in begun:
        process.communicate("go\n", timeout=120)
    assert [process.returncode for process in begun] == [0, 0, 0]
    assert running.revision(place) == HEAD
    assert databases.rows(place, every_row.BIDDERS) == databases.expected(every_row.BIDDERS)
    assert len(list(tmp_path.glob("*.revision-*"))) == isinstance(place, Path)  # who waited found nothing to do


def test_the_command_shows_and_moves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, path = tmp_path / "portal.toml", tmp_path / "portal.sqlite3"
    config.touch()
    command = ["migrate", "--config", str(config)]
    assert cli.main(command) == 1
    assert "no database there; `init` makes one" in capsys.readouterr().err
    numbered_steps.make(path, 2)
    assert cli.main([*command, "--show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:7].rstrip() for line in lines] == ["  base", "  0001", "* 0002", "  0003", "  0004"]
    assert cli.main(command) == 0
    said = capsys.readouterr().out
    assert "revision 0004, from 0002" in said
    assert "a copy of what was there: " in said
    databases.fill(path)
    assert cli.main([*command, "--to", "0002"]) == 1
    assert "rows would be lost (news: 2, days: 2, emergency: 1, inquiries: 1)" in capsys.readouterr().err
    assert cli.main([*command, "--to", "0002", "--lose-data"]) == 0
    assert capsys.readouterr().out == "revision 0002, from 0004\n"
    assert cli.main([*command, "--to", "17"]) == 1
    assert "no revision 17; there are 0001, 0002, 0003, 0004" in capsys.readouterr().err
