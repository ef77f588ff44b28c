"""Where the portal's data lie, as the settings say it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from portal.operation.practice import practising
from portal.settings import SettingsError, parse_settings
from portal.storage import Postgresql
from portal.store import schema
from portal.store.dialect import numbered, translated
from portal.store.postgresql import conninfo

HERE = "postgresql://portal@/portal?host=/run/postgresql"


def settings(database: str, **server: object) -> object:
    return parse_settings({"database": database, "postgresql": server}, Path("/srv")).database


@pytest.mark.parametrize(
    "address",
    [
        HERE,
        "postgres://portal@localhost:5433/portal",
        "postgresql://127.0.0.1,[::1]/portal",
        "postgresql://%2Frun%2Fpostgresql/portal",
        "postgresql://portal@db.example.lg.jp/portal?sslmode=verify-full&sslrootcert=/etc/ssl/own.pem",
        "postgresql://a.example.lg.jp:5432,b.example.lg.jp:5433/portal?sslmode=verify-full&target_session_attrs=read-write",
    ],
)
def test_an_address_is_taken_as_it_stands(address: str) -> None:
    assert settings(address) == address


def test_anything_else_is_a_file() -> None:
    assert settings("data/portal.sqlite3") == Path("/srv/data/portal.sqlite3")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://portal:ひみつ@localhost/portal", "no password here: it belongs into postgresql.password_file"),
        (f"{HERE}&password=x", "no password here"),
        (f"{HERE}&sslpassword=x", "no password here"),
        ("mysql://portal@localhost/portal", "expected a path, or postgresql://"),
        ("postgresql://portal@localhost", "names no database"),
        ("postgresql://portal@localhost/portal?sslmode", "expected postgresql://"),
        (
            "postgresql://portal@db.example.lg.jp/portal",
            "is another machine: add ?sslmode=verify-full",
        ),
        ("postgresql://portal@192.0.2.7/portal?sslmode=require", "192.0.2.7 is another machine"),
        ("postgresql://portal@/portal?host=db.example.lg.jp", "db.example.lg.jp is another machine"),
        ("postgresql://localhost,db.example.lg.jp/portal", "db.example.lg.jp is another machine"),
        (
            "postgresql://a.example.lg.jp/portal?sslmode=verify-full&sslmode=disable",
            "a.example.lg.jp is another machine",
        ),
    ],
)
def test_what_would_be_unsafe_or_means_nothing_is_refused(address: str, said: str) -> None:
    with pytest.raises(SettingsError, match=r"^database: ") as caught:
        settings(address)
    assert said in str(caught.value)
    assert "ひみつ" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("connections", 0), ("connections", 201), ("connect_seconds", 1), ("statement_seconds", 0)],
)
def test_limits(key: str, value: int) -> None:
    with pytest.raises(SettingsError, match=f"^postgresql.{key}: expected"):
        settings(HERE, **{key: value})


def test_practice_has_a_database_of_its_own() -> None:
    real = parse_settings({"database": HERE}, Path("/srv"))
    assert practising(real).database == "postgresql://portal@/portal_practice?host=/run/postgresql"


@pytest.mark.parametrize(
    ("sql", "psycopgs", "servers"),
    [
        ("SELECT ? WHERE a = ?", "SELECT %s WHERE a = %s", b"SELECT $1 WHERE a = $2"),
        ("SELECT '?', 'it''s ?', ?", "SELECT '?', 'it''s ?', %s", b"SELECT '?', 'it''s ?', $1"),
        ("SELECT a LIKE '%b%', 7 % ?", "SELECT a LIKE '%%b%%', 7 %% %s", b"SELECT a LIKE '%b%', 7 % $1"),
        ("instr(sought, ?) > 0", "strpos(sought, %s) > 0", b"strpos(sought, $1) > 0"),
    ],
)
def test_placeholders(sql: str, psycopgs: str, servers: bytes) -> None:
    assert (translated(sql), numbered(sql)) == (psycopgs, servers)


def test_a_password_comes_from_its_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("ひ 'み\\つ\n", encoding="utf-8")
    file.chmod(0o600)
    from psycopg.conninfo import conninfo_to_dict

    made = conninfo_to_dict(conninfo("postgresql://portal@/p?host=/run/x", Postgresql(password_file=file)))
    assert (made["password"], made["user"], made["dbname"], made["host"]) == ("ひ 'み\\つ", "portal", "p", "/run/x")
    file.chmod(0o644)
    with pytest.raises(OSError, match="chmod 600"):
        conninfo("postgresql://portal@/p", Postgresql(password_file=file))


_LOADED = """
import asyncio, json, sys
from pathlib import Path
from portal.web import app
from portal.store import open_store
async def main():
    store = await open_store(Path(sys.argv[1]))
    await store.close()
asyncio.run(main())
names = ("psycopg", "greenlet", "sqlalchemy", "alembic")
print(json.dumps([name for name in names if name in sys.modules]))
"""


def test_a_portal_on_sqlite_loads_nothing_of_postgresql(tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite3"
    schema.migrate(path)  # which needs Alembic, the first time
    done = subprocess.run([sys.executable, "-c", _LOADED, str(path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
