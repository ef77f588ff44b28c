"""`make bench`: every figure of docs/performance.md, each beside its floor, measured in turn in one run.

Linux only (memory from /proc, the window on Xvfb, a page in Chromium).
`python -m benchmarks sign window` measures these alone.
"""

from __future__ import annotations

import asyncio
import compileall
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import (
    doctor,
    documents,
    envelope,
    gate,
    growth,
    idle,
    qualification,
    registrations,
    round_trip,
    signature,
    start,
    verification,
    window,
    windows_start,
)
from benchmarks.figures import print_beside

PARTS = {
    "start": start.measure,
    "gate": gate.measure,
    "trip": round_trip.measure,
    "idle": idle.measure,
    "sign": signature.measure,
    "envelope": envelope.measure,
    "verify": verification.measure,
    "window": window.measure,
    "windows": windows_start.measure,
    "doctor": doctor.measure,
    "import": qualification.measure,
    "documents": documents.measure,
    "portal": registrations.measure,
}
ASKED_FOR = {"growth": growth.measure}
"""Takes minutes and gigabytes: by its name alone."""


def main(names: list[str]) -> int:
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    # As installed: Python compiles what it has no file for, each time anew where it may write none.
    for package in ("bridge", "certs", "tray", "benchmarks"):
        compileall.compile_dir(Path(__file__).parents[1] / package, quiet=1)
    for name in names or PARTS:
        print(f"\nload of the last minute {os.getloadavg()[0]:.1f}", end="")
        with tempfile.TemporaryDirectory(prefix="bench-") as directory:
            for comparison in asyncio.run((PARTS | ASKED_FOR)[name](Path(directory))):
                print_beside(*comparison)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
