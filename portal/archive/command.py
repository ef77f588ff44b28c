"""`card-bridge portal backup | restore | export | verify-archive`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from portal.archive import backup, exporting
from portal.archive.backup import Contents, Unusable
from portal.archive.judging import Judge, Unproven
from portal.archive.records import Folder, Record, Source, Stored
from portal.progress import counted, drawn
from portal.settings import Settings, TrustFolders
from portal.signatures import trust_folders
from portal.signatures.signing import utc_now
from portal.store import desk
from portal.store.database import Database
from portal.store.sqlite import faults

T = TypeVar("T")

_SKIP = 1000
_REASONS = {
    "archive_altered": "not what the portal stored",
    "evidence_incomplete": "what is needed to judge it is not there",
    "anchor_unknown": "its trust anchor is in none of the folders",
}


def add_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the copy; must not be there yet")


def add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="what `backup` wrote")
    parser.add_argument(
        "--skip", type=int, default=_SKIP, metavar="N",
        help="企業ID numbers to pass over where no old database tells which were given since (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="put it in the place of a database that is there")


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="folder to make")


def add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, help="an export, instead of the portal's database")
    parser.add_argument(
        "--anchors", type=Path, action="append", default=[], metavar="FOLDER",
        help="trust anchors of earlier times, beside those of the settings",
    )  # fmt: skip


ADDED = {
    "backup": ("copy the database while the portal runs", add_backup),
    "restore": ("put a backup in the place of the database, the portal stopped", add_restore),
    "export": ("write companies, registrations, history and signed statements into a folder to be kept", add_export),
    "verify-archive": ("judge every stored statement again, by what was stored with it", add_verify),
}


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """0: done; 1: not all held, or not agreed to. Raises Unusable, TrustError, OSError, StoreFault."""
    with faults():
        match arguments.command:
            case "backup":
                return _backup(arguments, settings)
            case "restore":
                return _restore(arguments, settings)
            case "export":
                return _export(arguments, settings)
        return _verify(arguments, settings)


def _backup(arguments: argparse.Namespace, settings: Settings) -> int:
    database = _file(settings)
    with drawn(database.stat().st_size) as draw:
        contents = backup.save(database, arguments.file, draw)
    _tell(contents)
    print(arguments.file)
    return 0


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    database = _file(settings)
    if database.exists() and not arguments.yes:
        _tell(backup.examined(arguments.file))
        print(f"portal: {database} is there; with --yes it is set aside and replaced", file=sys.stderr)
        return 1
    contents, kept = backup.put_back(arguments.file, database, arguments.skip, utc_now())
    _tell(contents)
    print(f"restored: {database}")
    if kept is not None:
        print(f"the old one: {kept}")
    if contents.waiting:
        print(f"{contents.waiting} mails wait, and may have been sent since the backup was made")
    return 0


def _file(settings: Settings) -> Path:
    """Raises Unusable for a database that is no file."""
    if isinstance(settings.database, Path):
        return settings.database
    raise Unusable("the database is PostgreSQL's: pg_dump and pg_restore are its backup (docs/portal-operation.md)")


def _tell(contents: Contents) -> None:
    print(", ".join(f"{table}: {rows}" for table, rows in contents.rows.items()))


def _export(arguments: argparse.Namespace, settings: Settings) -> int:
    def export(db: Database) -> int:
        records = exporting.Export(arguments.folder).write(db)
        return sum(1 for _ in counted(records, Stored(db).count()))

    done = _of_one_moment(settings, export)
    print(f"{done} statements, every file named in {arguments.folder / exporting.SUMS}")
    return 0


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    folders = [settings.trust.anchors, *arguments.anchors]
    anchors = frozenset[bytes]().union(*map(_anchors, folders))
    judge = Judge(anchors, settings.trust.without_revocation, settings.trust.seconds)
    if arguments.folder is not None:
        wrong = exporting.check(arguments.folder)
        for name in wrong:
            print(f"{name}: not as {exporting.SUMS} says")
        total, bad = _judged(judge, Folder(arguments.folder))
        bad += len(wrong)
    else:
        if isinstance(settings.database, Path):
            backup.examined(settings.database)
        total, bad = _of_one_moment(settings, lambda db: _judged(judge, Stored(db)))
    print(f"{total} statements judged again, {bad} faults")
    return 1 if bad else 0


def _of_one_moment(settings: Settings, job: Callable[[Database], T]) -> T:
    with desk.opened(settings.database, settings.postgresql, only_read=True) as own:
        return own.read(job)


def _judged(judge: Judge, source: Source) -> tuple[int, int]:
    """How many statements there are, and how many do not hold."""
    total, bad = source.count(), 0
    for record in counted(source.records(), total):
        try:
            judge.judge(record, source.data)
        except Unproven as fault:
            bad += 1
            print(_told(record, fault))
    return total, bad


def _told(record: Record, fault: Unproven) -> str:
    reason = _REASONS.get(fault.code)
    return f"{record.sha256} {record.verified_at}: {fault}" + (f" – {reason}" if reason else "")


def _anchors(folder: Path) -> frozenset[bytes]:
    if not folder.is_dir():
        raise Unusable(f"{folder}: no folder")
    nowhere = folder / "none"
    loaded = trust_folders.load(TrustFolders(folder, nowhere, nowhere, nowhere))
    return frozenset(anchor.certificate.dump() for anchor in loaded.anchors)
