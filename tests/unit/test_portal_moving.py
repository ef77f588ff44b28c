"""The move from SQLite to PostgreSQL: every row and where the numbers go on, or nothing at all."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from portal import cli
from portal.store import schema
from portal.store.sqlite import connect
from tests.unit import databases, every_row, numbered_steps

Said = pytest.CaptureFixture[str]
COUNTED = {"searches": 8, "history": 12, "refusals": 3, "outbox": 10, "officers": 4, "officer_log": 3, "news": 3}
"""The next number of each table that the database counts."""


class Home:
    """A settings file and its database with every kind of row."""

    def __init__(self, root: Path) -> None:
        self.config, self.database = root / "portal.toml", root / "portal.sqlite3"
        self.config.touch()
        schema.migrate(self.database)
        databases.fill(self.database)

    def move(self, url: str) -> int:
        return cli.main(["move-database", "--config", str(self.config), url])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def _nothing_in(url: str) -> bool:
    return not databases.shape(url)


def test_every_row_arrives_and_numbers_go_on(home: Home, postgresql: str, capsys: Said) -> None:
    with contextlib.closing(sqlite3.connect(home.database)) as db, db:
        db.execute("DELETE FROM company_ids WHERE number = 6")  # given once, and never again
    kept = home.database.read_bytes()
    assert home.move(postgresql) == 0
    said = capsys.readouterr().out
    assert f'database = "{postgresql}"' in said
    assert "contractors: 3, " in said
    given = {**databases.expected(), "company_ids": [(1, "9991000000000001"), (5, "9991000000000005")]}
    assert databases.rows(postgresql) == databases.rows(home.database) == given
    assert home.database.read_bytes() == kept
    fresh = home.database.with_name("fresh.sqlite3")
    schema.migrate(fresh)
    assert databases.shape(postgresql) == databases.shape(fresh)
    with psycopg.connect(postgresql) as theirs:
        row = theirs.execute("INSERT INTO company_ids (company_id) VALUES (NULL) RETURNING number").fetchone()
        assert row == (7,)
        for table, expected in COUNTED.items():
            found = theirs.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", (table,)).fetchone()
            assert (table, found) == (table, (expected,))


def test_an_empty_database_moves_as_well(tmp_path: Path, postgresql: str) -> None:
    home = Home(tmp_path)
    home.database.unlink()
    schema.migrate(home.database)
    schema.migrate(postgresql)  # tables without a row are empty, too
    assert home.move(postgresql) == 0
    assert not any(databases.rows(postgresql).values())
    with psycopg.connect(postgresql) as theirs:
        row = theirs.execute("INSERT INTO company_ids (company_id) VALUES (NULL) RETURNING number").fetchone()
        assert row == (1,)


def test_one_of_the_numbered_steps_moves_as_well(tmp_path: Path, postgresql: str) -> None:
    home = Home(tmp_path)
    home.database.unlink()
    numbered_steps.make(home.database, 2)
    databases.fill(home.database, every_row.BIDDERS, every_row.OFFICERS)
    assert home.move(postgresql) == 0
    parts = (every_row.BIDDERS, every_row.OFFICERS)
    assert databases.rows(postgresql, *parts) == databases.expected(*parts)


def test_a_portal_that_runs_on_it_is_left_alone(home: Home, postgresql: str, capsys: Said) -> None:
    with contextlib.closing(connect(home.database)) as portal:
        portal.execute("SELECT 1 FROM sessions").fetchall()
        assert home.move(postgresql) == 1
        assert "in use; end the portal first" in capsys.readouterr().err
        portal.execute("DELETE FROM days")
    assert _nothing_in(postgresql)


def _of_another(url: str) -> None:
    with psycopg.connect(url) as db:
        db.execute("CREATE TABLE theirs (a int)")


def _in_use(url: str) -> None:
    schema.migrate(url)
    with psycopg.connect(url) as db:
        db.execute("INSERT INTO days VALUES ('2026-12-01', 1)")


@pytest.mark.parametrize(("fill", "told"), [(_of_another, "theirs"), (_in_use, "days has rows")])
def test_a_target_with_anything_in_it_is_refused(
    home: Home, postgresql: str, capsys: Said, fill: Callable[[str], None], told: str
) -> None:
    fill(postgresql)
    before = databases.shape(postgresql) if fill is _in_use else None
    assert home.move(postgresql) == 1
    assert "the target is not empty" in (said := capsys.readouterr().err)
    assert told in said
    assert before is None or databases.shape(postgresql) == before


_SPOILING = """
CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.fact := 'other'; RETURN NEW; END $$;
CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.refusals') THEN
        CREATE TRIGGER spoil BEFORE INSERT ON refusals FOR EACH ROW EXECUTE FUNCTION spoil();
    END IF;
END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION watch();
"""


def test_what_the_target_holds_otherwise_than_given_ends_it(home: Home, postgresql: str, capsys: Said) -> None:
    with psycopg.connect(postgresql) as db:
        db.execute(_SPOILING)
    assert home.move(postgresql) == 1
    assert "refusals: 1 rows were given to the target, and it holds 1 others" in capsys.readouterr().err
    assert _nothing_in(postgresql)


def test_what_postgresql_cannot_hold_ends_it(home: Home, postgresql: str, capsys: Said) -> None:
    with contextlib.closing(sqlite3.connect(home.database)) as db, db:
        db.execute("UPDATE refusals SET fact = 'a' || char(0)")
    assert home.move(postgresql) == 1
    assert "NUL" in capsys.readouterr().err
    assert _nothing_in(postgresql)


_KILLED = """
import os, signal, sys
from portal import cli
from portal.moving import copying
real = getattr(copying, sys.argv[3])
def killing(*arguments):
    if arguments[2 if sys.argv[3] == "_copied" else 1].name == "officer_log":
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
setattr(copying, sys.argv[3], killing)
cli.main(["move-database", "--config", sys.argv[1], sys.argv[2]])
"""


@pytest.mark.parametrize("step", ["_copied", "_require_same"])
def test_killed_in_the_middle_it_leaves_nothing(home: Home, postgresql: str, step: str) -> None:
    command = [sys.executable, "-c", _KILLED, str(home.config), postgresql, step]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert databases.rows(home.database) == databases.expected()
    assert _nothing_in(postgresql)
    assert home.move(postgresql) == 0
    assert databases.rows(postgresql) == databases.expected()


@pytest.mark.parametrize(
    ("url", "told"),
    [("mysql://host/portal", "expected postgresql://"), ("postgresql://portal@/x?host=/nowhere", "/nowhere")],
)
def test_an_address_that_leads_nowhere(home: Home, capsys: Said, url: str, told: str) -> None:
    assert home.move(url) == 1
    assert told in capsys.readouterr().err
