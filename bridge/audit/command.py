"""`card-bridge audit list | verify | export | receipt`: the record in a terminal, whether a bridge runs or not."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from bridge import settings
from bridge.audit import reading, receipt, words
from bridge.audit.chain import Line
from bridge.audit.folder import Folder
from bridge.audit.receipt import NoReceipt, Receipt
from bridge.audit.verify import Finding, Kind, Report, verify
from bridge.settings import SettingsError

SHOWN = 50


def audit(argv: list[str]) -> int:
    """Exit status 1: the record is not what was written, 2: what was typed, or a file, cannot be used."""
    arguments = _parser().parse_args(argv)
    try:
        loaded = settings.load(arguments.config)
        language = settings.language(loaded)
        path = getattr(arguments, "record", None) or settings.audit_directory(loaded)
        return _COMMANDS[arguments.action](arguments, path, language)
    except SettingsError as error:
        return _refuse(str(error))
    except NoReceipt as error:
        return _refuse(str(error))
    except FileExistsError as error:
        return _refuse(f"{error.filename}: {error.strerror}")
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return _refuse(words.said(language).cannot_read.format(reason=reason))


def examine(path: Path, receipts: list[Receipt]) -> Report:
    """The whole record, and who else could write it. Raises OSError."""
    report = verify(reading.pieces(path), receipts)
    exposed = Folder(path).exposed() if path.is_dir() else None
    if exposed is None:
        return report
    return report._replace(findings=(*report.findings, Finding(Kind.EXPOSED, 0, where=str(exposed))))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge audit",
        description="The record of what this computer asked of you and your card, and of what was signed: each line "
        "vouches for all before it.",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this settings file instead of the usual ones")
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="the last lines, the newest at the end")
    listing.add_argument("--last", type=int, default=SHOWN, metavar="N", help=f"how many; 0: all (default {SHOWN})")
    listing.add_argument("--json", action="store_true", help="the same as JSON")
    checking = actions.add_parser("verify", help="is any line changed, missing or put in? Exit status 1 if so")
    checking.add_argument("--receipt", type=Path, action="append", default=[], metavar="FILE", help="also its line")
    checking.add_argument("--json", action="store_true", help="the same as JSON")
    for each in (listing, checking):
        each.add_argument("--record", type=Path, metavar="PATH", help="another folder, or a file that was exported")
    exporting = actions.add_parser("export", help="the whole record as JSON lines, to keep or to hand over")
    exporting.add_argument("--output", type=Path, metavar="FILE", help="a new file instead of the terminal")
    handing = actions.add_parser("receipt", help="the receipt of a signature; without a number, of the last one")
    handing.add_argument("line", type=int, nargs="?", metavar="LINE", help="number of the line in the record")
    handing.add_argument("--output", type=Path, metavar="FILE", help="a new file instead of the terminal")
    return parser


def _list(arguments: argparse.Namespace, path: Path, language: str) -> int:
    found = list(reading.lines(path))
    shown = found[-arguments.last :] if arguments.last > 0 else found
    if arguments.json:
        print(json.dumps([_wire(line) for line in shown], ensure_ascii=False, indent=1))
        return 0
    for line in shown:
        print(words.row(line, language))
    if not shown:
        print(words.said(language).empty)
    return 0


def _verify(arguments: argparse.Namespace, path: Path, language: str) -> int:
    receipts = [_receipt_in(file, language) for file in arguments.receipt]
    report = examine(path, receipts)
    if arguments.json:
        print(json.dumps(_report(report), ensure_ascii=False, indent=1))
    else:
        _print(_sentences(report, language, with_receipt=bool(receipts)), error=False)
    return 0 if report.is_whole else 1


def _export(arguments: argparse.Namespace, path: Path, language: str) -> int:
    """Bytes as they are. What is wrong with them is said, and they are exported all the same."""
    content = b"".join(piece.raw for piece in reading.pieces(path))
    _write(arguments.output, content)
    report = examine(path, [])
    if not report.is_whole:
        _print(_sentences(report, language, with_receipt=False), error=True)
    return 0 if report.is_whole else 1


def _hand_receipt(arguments: argparse.Namespace, path: Path, language: str) -> int:
    line = _line(path, arguments.line)
    if line is None:
        return _refuse(words.said(language).none if arguments.line is None else words.said(language).no_signature)
    wire = receipt.of(line, numbered=True).wire()
    _write(arguments.output, json.dumps(wire, ensure_ascii=False, indent=1).encode() + b"\n")
    return 0


def _line(path: Path, number: int | None) -> Line | None:
    found = reading.signatures(reading.lines(path))
    wanted = (line for line in reversed(found) if number in (None, line.number))
    return next(islice(wanted, 1), None)


def _receipt_in(file: Path, language: str) -> Receipt:
    try:
        return receipt.parse(file.read_bytes())
    except NoReceipt as error:
        raise NoReceipt(f"{file}: {words.said(language).no_receipt}") from error


def _write(output: Path | None, content: bytes) -> None:
    """To the terminal byte for byte: a record is not translated."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    with output.open("xb") as file:
        file.write(content)


def _sentences(report: Report, language: str, *, with_receipt: bool) -> list[str]:
    told = [words.finding(found, language) for found in report.findings]
    return [*told, *words.verdict(report, language, with_receipt=with_receipt)]


def _report(report: Report) -> dict[str, Any]:
    findings = [{**found._asdict(), "kind": found.kind.value} for found in report.findings]
    ends = {"first": report.first and report.first.number, "last": report.last and report.last.number}
    return {"whole": report.is_whole, "lines": report.lines, **ends, "findings": findings}


def _wire(line: Line) -> dict[str, Any]:
    return {"line": line.number, "at": line.at, "event": line.event, **line.facts, "hash": line.hash}


def _print(sentences: Iterable[str], *, error: bool) -> None:
    for sentence in sentences:
        print(sentence, file=sys.stderr if error else sys.stdout)


def _refuse(text: str) -> int:
    print(f"card-bridge: {text}", file=sys.stderr)
    return 2


_COMMANDS = {"list": _list, "verify": _verify, "export": _export, "receipt": _hand_receipt}
