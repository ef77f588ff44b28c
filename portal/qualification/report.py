"""What new qualification data would change, for an officer: in short on the terminal, in full as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from portal.qualification.reading import HEADER
from portal.store.qualification import Counts, Line, Represented


def told(counts: Counts) -> str:
    """One line, as commands print it."""
    return f"added: {counts.added}, changed: {counts.changed}, removed: {counts.removed}"


def warnings(found: Iterable[Represented]) -> Iterator[str]:
    """A line for each registration that an officer has to look at."""
    for each in found:
        after = "no longer in the qualification data" if each.after is None else f"{each.before} → {each.after}"
        yield f"look at: 企業ID {each.company_id}  {each.number}  {each.name}  代表者氏名: {after}"


def write(path: Path, lines: Iterable[Line]) -> None:
    """Each difference as one row, both sides of a changed cell; with a BOM, as spreadsheets want it. Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(("区分", *HEADER))
        table.writerows(_row(line) for line in lines)


def _row(line: Line) -> list[str]:
    match line:
        case Line(before=None, after=new):
            return ["追加", *(new or ())]
        case Line(before=old, after=None):
            return ["削除", *(old or ())]
        case Line(before=old, after=new):
            return ["変更", *map(_cell, old or (), new or ())]


def _cell(old: str, new: str) -> str:
    return new if old == new else f"{old} → {new}"
