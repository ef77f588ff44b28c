"""`card-bridge portal import-contractors`: shows what a file would change, asks, puts it in place, all or nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from portal import progress
from portal.qualification import reading, report
from portal.qualification.reading import Credentials, Reading
from portal.search.passwords import Passwords
from portal.search.users import hashed
from portal.settings import Settings
from portal.store import accounts, desk, qualification
from portal.store.accounts import Account
from portal.store.database import Database
from portal.store.qualification import Counts

_COLUMNS = f"{','.join(reading.HEADER)}, then {','.join(reading.USERS)} if there are users to be checked"


class ChangedMeanwhile(Exception):
    """Somebody else wrote qualification data since the differences were shown."""

    def __init__(self, now: str) -> None:
        super().__init__(f"the qualification data was changed meanwhile; nothing was written. Now it would be {now}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=f"UTF-8 or CP932, first line {_COLUMNS}")
    parser.add_argument("--partial", action="store_true", help="keep the contractors that are not in the file")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and write nothing")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write every difference into this CSV file")
    parser.add_argument("--yes", action="store_true", help="change and remove without asking")


async def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """0: done, or shown; 1: not agreed to. Raises ImportFault, ChangedMeanwhile, OSError, StoreFault: nothing is
    written then.
    """
    with desk.opened(settings.database, settings.postgresql) as own:
        users = own.read(partial(_stage, arguments.file, settings))
        expected = own.read(partial(_show, arguments))
        if arguments.dry_run:
            return 0
        if not (arguments.yes or _is_agreed(expected)):
            print("portal: nothing was written", file=sys.stderr)
            return 1
        held = await hashed(users, Passwords())
        done = own.write(partial(_write, arguments.partial, held, expected))
    print(f"{sum(done[:2])} contractors written, {done.removed} removed")
    _tell_users(arguments.file, users)
    return 0


def _stage(path: Path, settings: Settings, db: Database) -> dict[str, Credentials | None]:
    with path.open("rb") as file:
        rows = Reading(file, settings.search.number)
        qualification.stage(db, progress.shown(rows, file, path))
    return rows.users


def _show(arguments: argparse.Namespace, db: Database) -> Counts:
    counts = qualification.counts(db, partial=arguments.partial)
    print(report.told(counts))
    for line in report.warnings(qualification.represented(db, partial=arguments.partial)):
        print(line)
    if arguments.report is not None:
        report.write(arguments.report, qualification.lines(db, partial=arguments.partial))
        print(f"every difference: {arguments.report}")
    return counts


def _is_agreed(counts: Counts) -> bool:
    """What only adds needs no question."""
    if not (counts.changed or counts.removed):
        return True
    if not sys.stdin.isatty():
        print("portal: contractors are changed or removed: look at it with --dry-run, then say --yes", file=sys.stderr)
        return False
    return input("取り込みますか / Import this? [y/N] ").strip().lower() in ("y", "yes")


def _write(partial_: bool, users: Mapping[str, Account | None], expected: Counts, db: Database) -> Counts:
    accounts.publish(db, users)
    done = qualification.settle(db, partial=partial_)
    if done != expected:
        raise ChangedMeanwhile(report.told(done))
    return done


def _tell_users(file: Path, users: Mapping[str, Credentials | None]) -> None:
    if held := sum(user is not None for user in users.values()):
        print(f"{held} users of 入札情報公開システム, their passwords as argon2id hashes")
        print(f"{file} holds these passwords in clear text: take it away when it is needed no more")
