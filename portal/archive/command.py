"""`card-bridge portal backup | restore | export | verify-archive`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.archive import backup, exporting
from portal.archive.backup import Contents, Unusable
from portal.archive.judging import Judge, Unproven
from portal.archive.records import Database, Folder, Record, Source, opened
from portal.progress import counted, drawn
from portal.settings import Settings, TrustFolders
from portal.signatures import trust_folders
from portal.signatures.signing import utc_now
from portal.store.sqlite import faults

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
    with drawn(settings.database.stat().st_size) as draw:
        contents = backup.save(settings.database, arguments.file, draw)
    _tell(contents)
    print(arguments.file)
    return 0


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    if settings.database.exists() and not arguments.yes:
        _tell(backup.examined(arguments.file))
        print(f"portal: {settings.database} is there; with --yes it is set aside and replaced", file=sys.stderr)
        return 1
    contents, kept = backup.put_back(arguments.file, settings.database, arguments.skip, utc_now())
    _tell(contents)
    print(f"restored: {settings.database}")
    if kept is not None:
        print(f"the old one: {kept}")
    if contents.waiting:
        print(f"{contents.waiting} mails wait, and may have been sent since the backup was made")
    return 0


def _tell(contents: Contents) -> None:
    print(", ".join(f"{table}: {rows}" for table, rows in contents.rows.items()))


def _export(arguments: argparse.Namespace, settings: Settings) -> int:
    with contextlib.closing(opened(settings.database)) as db:
        total = Database(db).count()
        done = sum(1 for _ in counted(exporting.Export(arguments.folder).write(db), total))
    print(f"{done} statements, every file named in {arguments.folder / exporting.SUMS}")
    return 0


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    folders = [settings.trust.anchors, *arguments.anchors]
    anchors = frozenset[bytes]().union(*map(_anchors, folders))
    judge = Judge(anchors, settings.trust.without_revocation, settings.trust.seconds)
    with _source(arguments, settings) as (source, faults):
        bad = faults + _judged(judge, source)
        total = source.count()
    print(f"{total} statements judged again, {bad} faults")
    return 1 if bad else 0


@contextlib.contextmanager
def _source(arguments: argparse.Namespace, settings: Settings) -> Iterator[tuple[Source, int]]:
    """Where the statements lie, and what is wrong with the place as a whole."""
    if arguments.folder is not None:
        wrong = exporting.check(arguments.folder)
        for name in wrong:
            print(f"{name}: not as {exporting.SUMS} says")
        yield Folder(arguments.folder), len(wrong)
        return
    backup.examined(settings.database)
    with contextlib.closing(opened(settings.database)) as db:
        db.execute("BEGIN")
        yield Database(db), 0


def _judged(judge: Judge, source: Source) -> int:
    bad = 0
    for record in counted(source.records(), source.count()):
        try:
            judge.judge(record, source.data)
        except Unproven as fault:
            bad += 1
            print(_told(record, fault))
    return bad


def _told(record: Record, fault: Unproven) -> str:
    reason = _REASONS.get(fault.code)
    return f"{record.sha256} {record.verified_at}: {fault}" + (f" – {reason}" if reason else "")


def _anchors(folder: Path) -> frozenset[bytes]:
    if not folder.is_dir():
        raise Unusable(f"{folder}: no folder")
    nowhere = folder / "none"
    loaded = trust_folders.load(TrustFolders(folder, nowhere, nowhere, nowhere))
    return frozenset(anchor.certificate.dump() for anchor in loaded.anchors)
