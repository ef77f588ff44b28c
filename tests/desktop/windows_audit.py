"""Run on Wine, with a folder: two bridges write a record in turn, and one is kept out while somebody else holds it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from bridge.audit.folder import Folder
from bridge.audit.record import Held, Record


def main(path: Path) -> None:
    records = [Record(path, lambda: datetime.now(UTC), file_bytes=1500) for _ in range(2)]
    for number in range(12):
        record = records[number % 2]
        record.ready()
        record.append("sign", {"origin": "https://portal.example", "action": "ログイン", "outcome": "ok"})
    records[0].sync(records[0].unsynced())
    folder = Folder(path)
    with folder.locked():
        try:
            records[0].append("sign", {})
        except Held:
            print("held", flush=True)
    records[0].append("sign", {"outcome": "ok"})


main(Path(sys.argv[1]))
