"""A record of the tests': a folder, a clock, and what this computer might have answered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.audit import reading, receipt
from bridge.audit.chain import Facts, Line
from bridge.audit.receipt import Receipt
from bridge.audit.record import Record
from bridge.audit.verify import Finding, Kind, verify

START = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def signature(number: int) -> Facts:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    named = {"origin": "https://portal.example", "type": "login", "action": "ログイン", "aud": "https://portal.example"}
    return {**named, "certificate": digest, "outcome": "ok", "statement": digest, "cms": digest}


class World:
    def __init__(self, path: Path, *, days: int = 0, file_bytes: int = 1 << 20) -> None:
        self.path = path
        self.now = START
        self._days, self._file_bytes = days, file_bytes
        self.record = self.another()

    def another(self) -> Record:
        """A bridge that is started beside the first, or after it."""
        return Record(self.path, lambda: self.now, self._days, self._file_bytes)

    def restart(self) -> None:
        self.record.close()
        self.record = self.another()

    def sign(self, count: int = 1) -> list[Line]:
        signed = []
        for _ in range(count):
            self.now += timedelta(seconds=1)
            signed.append(self.record.append("sign", signature(self.now.second)))
        return signed

    @property
    def files(self) -> list[Path]:
        return sorted(self.path.glob("*.jsonl"))

    @property
    def file(self) -> Path:
        return self.files[-1]

    def findings(self, *receipts: Receipt) -> list[tuple[Kind, int]]:
        return told(verify(reading.pieces(self.path), receipts).findings)

    def lines(self) -> list[Line]:
        return list(reading.lines(self.path))


def told(findings: Sequence[Finding]) -> list[tuple[Kind, int]]:
    return [(each.kind, each.line) for each in findings]


def receipts(lines: Sequence[Line], *, numbered: bool = True) -> list[Receipt]:
    return [receipt.of(line, numbered=numbered) for line in lines]
