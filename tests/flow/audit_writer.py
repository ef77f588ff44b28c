"""A bridge that does nothing but write lines: with FOLDER NAME COUNT it prints the number of each that it wrote."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bridge.audit.record import Held, Record


def main(folder: str, name: str, count: str) -> None:
    record = Record(Path(folder), lambda: datetime.now(UTC), file_bytes=20_000)
    print("ready", flush=True)
    for number in range(int(count)):
        facts = {"origin": "https://portal.example", "by": name, "number": number, "outcome": "ok"}
        while True:
            try:
                line = record.append("certificates", facts)
                break
            except Held:
                time.sleep(0.0005)
        print(line.number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
