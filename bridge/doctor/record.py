"""Whether the record of signatures is whole, and can be written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bridge import settings as settings_module
from bridge.audit.command import examine as verified
from bridge.audit.record import NotWritten, Record
from bridge.doctor.check import Check
from bridge.settings import Settings


def examine(loaded: Settings) -> Iterator[Check]:
    path = settings_module.audit_directory(loaded)
    if not path.exists():
        return  # made at the first request; whether that can be stands with the other folders
    record = Record(path, lambda: datetime.now(UTC))
    try:
        record.ready()
    except NotWritten as error:
        yield Check(
            "audit",
            False,
            f"署名の記録を書けないため、署名できません: {error}",
            f"the record of signatures cannot be written, so nothing can be signed: {error}",
        )
        return
    finally:
        record.close()
    report = verified(path, [])
    if report.is_whole:
        yield Check("audit", True, f"署名の記録: {report.lines}行", f"record of signatures: {report.lines} lines")
        return
    yield Check(
        "audit",
        False,
        "署名の記録に、変わった行か抜けた行があります。「card-bridge audit verify」で確かめてください。",
        "Lines of the record of signatures are changed or missing: run 'card-bridge audit verify'.",
    )
