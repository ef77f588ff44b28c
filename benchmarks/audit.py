"""What the record costs a signature: its line, written before the answer leaves, beside a bare write."""

from __future__ import annotations

import base64
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import Comparison, Series
from bridge.audit.keeping import Audit
from bridge.audit.record import Record
from bridge.messages import Sign, Statement
from bridge.progress import Progress

LINES, _WARMING = 2000, 50
LINE_BYTES, CMS_BYTES = 620, 6000
ORIGIN = "https://portal.example"


async def measure(directory: Path) -> Comparison:
    record = Record(directory / "audit", lambda: datetime.now(UTC))
    audit = Audit(record, time.monotonic)
    bare: list[float] = []
    ours: list[float] = []
    descriptor = os.open(directory / "bare.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for _ in range(LINES + _WARMING):
            bare.append(_write(descriptor))
            ours.append(await _keep(audit))
    finally:
        os.close(descriptor)
        await audit.close()
    return Comparison(
        "A signature's line in the record, before its answer leaves",
        Series("bare write of as many bytes", "ms", bare[_WARMING:]),
        Series("checked, hashed, locked and written", "ms", ours[_WARMING:]),
    )


def _write(descriptor: int) -> float:
    line = secrets.token_hex(LINE_BYTES // 2).encode()
    begin = time.perf_counter()
    os.write(descriptor, line)
    return (time.perf_counter() - begin) * 1000


async def _keep(audit: Audit) -> float:
    """Milliseconds that an answer takes longer for its line."""
    statement = Statement("registration", "利用者登録（登録）", ORIGIN, secrets.token_urlsafe(32), {})
    request = Sign(secrets.token_hex(32), None, keep_pin_session=False, statement=statement)
    answer = {"statement": base64.b64encode(secrets.token_bytes(CMS_BYTES)).decode(), "sha256": secrets.token_hex(32)}

    async def signed() -> dict[str, Any]:
        return dict(answer)

    async def undo(result: dict[str, Any]) -> None:
        raise AssertionError(result)

    begin = time.perf_counter()
    await audit.kept(ORIGIN, request, signed, undo, Progress())
    return (time.perf_counter() - begin) * 1000
