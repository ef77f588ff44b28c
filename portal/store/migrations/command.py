"""`card-bridge portal migrate`: the tables up or down, or how they stand."""

from __future__ import annotations

import argparse
import sys

from portal.settings import Settings
from portal.store.schema import HEAD

HELP = "bring the database's tables to this software's revision, or to another one; `serve` does the first by itself"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", metavar="REVISION", help="a revision of --show, or base: without tables")
    parser.add_argument("--show", action="store_true", help="change nothing, list the revisions and say which it is")
    parser.add_argument("--lose-data", action="store_true", help="going down, take out rows that have no place there")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """0: done; 1: there is no database. Raises SchemaError, Unusable, OSError, StoreFault."""
    from portal.store.migrations import running  # Alembic only where it is asked for

    place = settings.database
    if isinstance(place, str):
        from portal.store import postgresql  # and its driver only where it is used

        place = postgresql.conninfo(place, settings.postgresql)
    elif not place.is_file():
        print(f"portal: {place}: no database there; `init` makes one", file=sys.stderr)
        return 1
    if arguments.show:
        _show(running.revisions(), running.revision(place))
        return 0
    moved = running.move(place, arguments.to or HEAD, arguments.lose_data)
    if moved.copy is not None:
        print(f"a copy of what was there: {moved.copy}")
    print(f"revision {moved.after}" + ("" if moved.before == moved.after else f", from {moved.before}"))
    return 0


def _show(known: dict[str, str], found: str) -> None:
    for name, brings in {"base": "No tables.", **known}.items():
        print(f"{'*' if name == found else ' '} {name}  {brings}")
