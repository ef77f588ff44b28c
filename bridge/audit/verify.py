"""Verifying the record: every line against the one before it, and receipts against their lines (pure).

What is found is told by line number. A line that a power cut left half written is a note: the next one tells of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from bridge.audit import chain
from bridge.audit.chain import START, Head, Line
from bridge.audit.reading import Piece
from bridge.audit.receipt import Receipt


class Kind(Enum):
    CHANGED = "changed"
    """A line is not what was written."""
    MISSING = "missing"
    """Lines are not there."""
    MOVED = "moved"
    """A line stands where another belongs."""
    UNLINKED = "unlinked"
    """A line does not follow the one before it: one of the two was exchanged."""
    CUT = "cut"
    """A receipt names a line behind the last one."""
    OTHER = "other"
    """A receipt names a line that is not the one here."""
    DIFFERENT = "different"
    """A receipt says something else than its line."""
    EXPOSED = "exposed"
    """Another user could have written here."""
    INTERRUPTED = "interrupted"
    """A note: the power went, or the disk was full, in the middle of a line."""
    EARLIER = "earlier"
    """A note: a receipt names a line from before the record begins, whose time was over."""


NOTES = frozenset({Kind.INTERRUPTED, Kind.EARLIER})


class Finding(NamedTuple):
    kind: Kind
    line: int
    """Number of the line, or of the first of several; 0: not known."""
    last: int = 0
    """Of several the last; 0: of one."""
    where: str = ""
    """File and line in it."""


class Report(NamedTuple):
    lines: int
    """How many can be read."""
    first: Line | None
    last: Line | None
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        return all(finding.kind in NOTES for finding in self.findings)


def verify(pieces: Iterable[Piece], receipts: Sequence[Receipt] = ()) -> Report:
    """Raises what reading raises, nothing else."""
    walk = _Walk({receipt.hash for receipt in receipts})
    for piece in pieces:
        walk.take(piece)
    findings = [*walk.end(), *(finding for receipt in receipts if (finding := walk.judge(receipt)) is not None)]
    return Report(walk.lines, walk.first, walk.last, tuple(findings))


class _Walk:
    def __init__(self, wanted: set[str]) -> None:
        self.lines = 0
        self.first: Line | None = None
        self._from = 1
        """Number of the first line that is here, readable or not."""
        self.last: Line | None = None
        self._wanted = wanted
        self._named: dict[str, Line] = {}
        """Lines that receipts name."""
        self._known = START
        """The line that the next one should follow."""
        self._sure = True
        """Whether its hash is known: not behind bytes that cannot be read."""
        self._rest: list[Piece] = []
        """Pieces behind it that cannot be read."""
        self._dropped: set[Head] = set()
        self._findings: list[Finding] = []

    def take(self, piece: Piece) -> None:
        try:
            line = chain.unseal(piece.raw.removesuffix(b"\n"))
        except chain.Malformed:
            self._rest.append(piece)
            return
        if self.first is None:
            self._begin(line)
        if self._rest:
            self._settle(line)
        self._follow(line, piece)
        self._note(line)
        if not piece.raw.endswith(b"\n"):
            self._find(Kind.INTERRUPTED, line.number, piece)

    def end(self) -> list[Finding]:
        if self._rest:
            self._settle(None)
        if self._from > 1 and not any(self._explains(head) for head in self._dropped):
            self._findings.insert(0, _missing(1, self._from - 1))
        return _reordered(self._findings)

    def judge(self, receipt: Receipt) -> Finding | None:
        line = self._named.get(receipt.hash)
        if line is not None:
            return None if receipt.is_of(line) else Finding(Kind.DIFFERENT, line.number)
        if self.first is None or self.last is None or receipt.is_after(self.last):
            return Finding(Kind.CUT, receipt.line)
        if self.first.number > 1 and receipt.is_before(self.first):
            return Finding(Kind.EARLIER, receipt.line)
        return Finding(Kind.OTHER, receipt.line)

    def _note(self, line: Line) -> None:
        self.lines += 1
        self.last = line if self.last is None or line.number > self.last.number else self.last
        if line.hash in self._wanted:
            self._named[line.hash] = line
        match line:
            case Line(event="dropped", facts={"through": int(through), "last": str(last)}):
                self._dropped.add(Head(through, last))

    def _begin(self, line: Line) -> None:
        """The record may begin behind lines whose time was over; the first of the others may be unreadable."""
        self.first, self._from = line, max(1, line.number - len(self._rest))
        if self._from > 1:
            self._known, self._sure = Head(self._from - 1, line.prev), not self._rest

    def _explains(self, dropped: Head) -> bool:
        """Whether the lines before the first were dropped in good order."""
        is_first = self.first is not None and self.first.number == self._from
        follows = self.first is not None and self.first.prev == dropped.hash
        return dropped.number == self._from - 1 and (follows or not is_first)

    def _follow(self, line: Line, piece: Piece) -> None:
        expected = self._known.number + 1
        if line.number < expected:
            self._find(Kind.MOVED, line.number, piece)
            return
        if line.number > expected:
            self._findings.append(_missing(expected, line.number - 1))
        elif self._sure and line.prev != self._known.hash:
            self._find(Kind.UNLINKED, line.number, piece)
        self._known, self._sure = line.head, True

    def _settle(self, line: Line | None) -> None:
        """Bytes that cannot be read, up to `line`: what a power cut left, or lines that were changed."""
        rest, self._rest = self._rest, []
        if self._is_interruption(rest, line):
            self._find(Kind.INTERRUPTED, self._known.number + 1, rest[0])
            return
        for piece in rest:
            self._find(Kind.CHANGED, self._known.number + 1, piece)
            self._known, self._sure = Head(self._known.number + 1, ""), False
        if line is not None and line.event == "unreadable":
            # The program met them and went on from the last line that it could read.
            self._known = Head(line.number - 1, "")

    def _is_interruption(self, rest: list[Piece], line: Line | None) -> bool:
        cut_off = all(chain.is_cut_off(piece.raw.removesuffix(b"\n"), self._known) for piece in rest)
        if line is None:
            return cut_off and self._sure and not rest[-1].raw.endswith(b"\n")
        # Whoever left this off left no line feed: that came with the line that tells it.
        raw = b"".join(piece.raw for piece in rest).removesuffix(b"\n")
        told = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
        return cut_off and (line.event, line.facts) == ("unreadable", told)

    def _find(self, kind: Kind, line: int, piece: Piece | None) -> None:
        where = "" if piece is None else f"{piece.file}:{piece.row}"
        self._findings.append(Finding(kind, line, where=where))


def _missing(first: int, last: int) -> Finding:
    return Finding(Kind.MISSING, first, last if last > first else 0)


def _reordered(findings: list[Finding]) -> list[Finding]:
    """A line that is missing in one place and stands in another was moved, and that is one finding."""
    moved = {finding.line for finding in findings if finding.kind is Kind.MOVED}
    return [each for each in findings if each.kind is not Kind.MISSING or each.last or each.line not in moved]
