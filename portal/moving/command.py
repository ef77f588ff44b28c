"""`card-bridge portal move-database postgresql://…`."""

from __future__ import annotations

import argparse
from pathlib import Path

from portal.progress import drawn
from portal.settings import Settings
from portal.toml import SettingsError

HELP = "copy the SQLite database, the portal stopped, into an empty PostgreSQL database: all of it, or nothing"
PREFIXES = ("postgresql://", "postgres://")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", help="postgresql://user@host/database; a password is best kept in ~/.pgpass")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """0: moved. Raises Unusable, SettingsError, SchemaError, StoreFault, OSError."""
    from portal.moving import copying  # the driver and SQLAlchemy only where they are used

    source: Path | str = settings.database
    if not arguments.url.startswith(PREFIXES):
        raise SettingsError(f"{arguments.url}: expected postgresql://…")
    if isinstance(source, str) or not source.is_file():
        raise SettingsError(f"database: expected a SQLite file that is there, not {source}")
    with drawn(2 * copying.rows(source)) as draw:
        moved = copying.move(source, arguments.url, draw)
    print(", ".join(f"{table}: {rows}" for table, rows in moved.items() if rows))
    print(f"{sum(moved.values())} rows, read back and compared. Now, in {arguments.config}, put instead of {source}:")
    print(f'database = "{arguments.url}"')
    return 0
