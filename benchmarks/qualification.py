"""`import-contractors`: a whole file read, checked, compared and put in place, beside csv and sqlite3 alone."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from portal.qualification.reading import HEADER
from portal.store.sqlite import connect

ROWS = int(os.environ.get("ROWS", "20000"))
"""`ROWS=1000000` measures a million."""
ROUNDS = often(3)
_TABLE = "CREATE TABLE contractors (a TEXT PRIMARY KEY, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT) STRICT"


async def measure(directory: Path) -> list[Comparison]:
    file = _file(directory / "contractors.csv")
    bare: list[float] = []
    ours: list[float] = []
    for number in range(ROUNDS):
        bare.append(_bare(file, directory / f"bare{number}.sqlite3"))
        ours.append(_import(file, directory / f"portal{number}"))
    return [
        Comparison(
            f"{ROWS:,} contractors from a CP932 file",
            Series("csv.reader and executemany", "s", bare),
            Series("import-contractors, the whole command", "s", ours),
        )
    ]


def _file(path: Path) -> Path:
    with path.open("w", encoding="cp932", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for number in range(ROWS):
            place = f"見本市東町{number % 90}丁目{number % 30}番{number % 17}号"
            table.writerow(
                (100_000_000 + number, f"株式会社見本建設{number}", "753-0001", place, "見本 一郎", "代表取締役")
            )
    return path


def _bare(source: Path, database: Path) -> float:
    begin = time.perf_counter()
    db = connect(database)
    db.execute(_TABLE)
    db.execute("BEGIN IMMEDIATE")
    with source.open(encoding="cp932", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        db.executemany("INSERT INTO contractors VALUES (?, ?, ?, ?, ?, ?)", rows)
    db.execute("COMMIT")
    db.close()
    return time.perf_counter() - begin


def _import(source: Path, folder: Path) -> float:
    folder.mkdir()
    config = folder / "portal.toml"
    config.write_text('database = "portal.sqlite3"\n', encoding="utf-8")
    begin = time.perf_counter()
    whole = [sys.executable, "-m", "bridge.cli", "portal", "import-contractors", "--config", str(config), str(source)]
    done = subprocess.run(whole, capture_output=True, text=True, check=False)
    assert f"{ROWS} contractors written" in done.stdout, done.stderr
    return time.perf_counter() - begin
