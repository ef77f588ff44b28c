"""Columns and tables that mean the same in both databases.

Text is compared and ordered byte by byte, which SQLite does by itself; whole numbers have 64 bits; SQLite's tables are
STRICT, as PostgreSQL's are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # INTEGER: the row's own number where it is the key
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def text(name: str, *parts: Any, nullable: bool = False, **options: Any) -> sa.Column[str]:
    return sa.Column(name, _TEXT, *parts, nullable=nullable, **options)


def number(name: str, *parts: Any, nullable: bool = False, **options: Any) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, *parts, nullable=nullable, **options)


def octets(name: str, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def counted(name: str = "id") -> sa.Column[int]:
    """A key that the database counts up; a row that brings its own number keeps it."""
    return sa.Column(name, _NUMBER, sa.Identity(always=False), primary_key=True)


def table(name: str, *parts: Any, **options: Any) -> sa.Table:
    return op.create_table(name, *parts, sqlite_strict=True, **options)


def drop(*names: str) -> None:
    """Tables with their indexes, the last one first."""
    for name in reversed(names):
        op.drop_table(name)


def where(condition: str) -> dict[str, Any]:
    """An index over some rows alone."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def dialect() -> str:
    """sqlite or postgresql."""
    return op.get_bind().dialect.name


def run(*statements: str) -> None:
    """Statements as they stand, whatever characters they hold."""
    execute: Callable[[str], object] = op.get_bind().exec_driver_sql
    for statement in statements:
        execute(statement)
