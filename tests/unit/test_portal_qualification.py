"""`import-contractors`: what a file would change is shown and asked for; then all of it, or nothing."""

from __future__ import annotations

import asyncio
import csv
import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal import cli
from portal.qualification import command, reading
from portal.storage import Postgresql
from portal.store import desk, qualification
from portal.store.qualification import Counts
from portal.store.rows import Contractor
from portal.store.sqlite import connect
from tests.unit.portal_world import world

SAMPLES = reading.samples()
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Of a portal that knows the sample contractors and has one registration, of the first of them."""

    async def register() -> None:
        async with world(tmp_path) as made:
            await made.register()

    asyncio.run(register())
    return tmp_path / "portal.sqlite3"


@pytest.fixture
def config(database: Path) -> Path:
    path = database.with_name("portal.toml")
    path.write_text(f'database = "{database.name}"\n', encoding="utf-8")
    return path


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def given(rows: list[Contractor], *options: str, encoding: str = "utf-8") -> tuple[int, str, str]:
        status = cli.main(
            ["import-contractors", "--config", str(config), str(written(config, rows, encoding)), *options]
        )
        return (status, *capsys.readouterr())

    return given


def written(beside: Path, rows: list[Contractor], encoding: str = "utf-8") -> Path:
    path = beside.with_name("new.csv")
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([reading.HEADER, *rows])
    return path


def known(database: Path) -> list[Contractor]:
    db = sqlite3.connect(database)
    columns = "number, name, postal_code, address, representative, representative_title"
    found = db.execute(f"SELECT {columns} FROM contractors ORDER BY number")  # noqa: S608 - our own
    rows = [Contractor(*row) for row in found]
    db.close()
    return rows


def changed() -> list[Contractor]:
    """The first with another 代表者, the second gone, and one more."""
    first, _, *others = SAMPLES
    return [first._replace(representative="後任 三郎"), *others, SAMPLES[1]._replace(number="900000001", name="新規組")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_what_only_adds_needs_no_question(run: Run, database: Path, encoding: str) -> None:
    more = SAMPLES[0]._replace(number="900000001", name="新規組")
    assert run([*SAMPLES, more], encoding=encoding) == (
        0,
        "added: 1, changed: 0, removed: 0\n1 contractors written, 0 removed\n",
        "",
    )
    assert known(database) == sorted([*SAMPLES, more])


def test_what_changes_or_removes_is_shown_and_not_done_unasked(run: Run, database: Path) -> None:
    status, shown, said = run(changed())
    assert status == 1
    first, *others = shown.splitlines()
    assert first == "added: 1, changed: 1, removed: 1"
    assert len(others) == 1
    assert re.fullmatch(
        r"look at: 企業ID \d{16}  000000101  北東組株式会社  代表者氏名: 日立 二郎 → 後任 三郎", others[0]
    )
    assert "--dry-run" in said
    assert "nothing was written" in said
    assert known(database) == sorted(SAMPLES)
    assert run(changed(), "--dry-run")[0] == 0
    assert known(database) == sorted(SAMPLES)
    assert run(changed(), "--yes")[0] == 0
    assert known(database) == sorted(changed())


def test_a_registration_whose_contractor_is_gone_is_named(run: Run) -> None:
    _, shown, _ = run(SAMPLES[1:], "--yes")
    assert re.search(r"look at: 企業ID \d{16}  000000101  北東組株式会社  代表者氏名: no longer in", shown)


def test_a_part_leaves_the_others(run: Run, database: Path) -> None:
    other = SAMPLES[1]._replace(address="別の町")
    status, shown, _ = run([other], "--partial", "--yes")
    assert (status, shown.splitlines()[0]) == (0, "added: 0, changed: 1, removed: 0")
    assert known(database) == sorted([SAMPLES[0], other, *SAMPLES[2:]])


def test_the_report_has_every_difference(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    run(changed(), "--dry-run", "--report", str(report))
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    with report.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["区分", *reading.HEADER]
    assert [row[:2] for row in rows] == [["削除", "000000102"], ["変更", "000000101"], ["追加", "900000001"]]
    assert rows[1][5] == "日立 二郎 → 後任 三郎"


def test_bad_lines_leave_everything_as_it_was(run: Run, database: Path) -> None:
    wrong = [*changed(), SAMPLES[0]._replace(number="12"), SAMPLES[2]._replace(name="")]
    status, shown, said = run(wrong, "--yes")
    assert (status, shown) == (1, "")
    assert [line.split("行目")[0] for line in said.removeprefix("portal: ").splitlines()] == ["7", "8"]
    assert known(database) == sorted(SAMPLES)


def test_data_that_others_changed_meanwhile_is_not_overwritten(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answered(counts: Counts) -> bool:
        other = connect(database)
        other.execute("DELETE FROM contractors WHERE number = '000000103'")
        other.close()
        return counts.changed == 1

    monkeypatch.setattr(command, "_is_agreed", answered)
    status, _, said = run(changed())
    assert status == 1
    assert "changed meanwhile; nothing was written. Now it would be added: 2, changed: 1, removed: 1" in said
    assert SAMPLES[0] in known(database)


def test_reading_a_file_keeps_nobody_from_writing(database: Path) -> None:
    def rows() -> Iterator[Contractor]:
        yield SAMPLES[0]
        other = sqlite3.connect(database, timeout=0)
        with other:
            other.execute("DELETE FROM contractors WHERE number = '000000103'")
        other.close()

    db = connect(database)
    db.execute("BEGIN")
    qualification.stage(db, rows())
    db.execute("COMMIT")
    assert qualification.counts(db, partial=False) == Counts(0, 0, 3)
    db.close()


def test_rows_in_any_order_are_put_in_place(run: Run, database: Path) -> None:
    many = [SAMPLES[0]._replace(number=f"{number}") for number in range(200_000_000, 200_001_234)]
    mixed = [*many[700:], *reversed(many[:700])]
    assert run(mixed, "--yes")[1].startswith("added: 1234, changed: 0, removed: 5\n")
    assert known(database) == many
    assert run(mixed[5:], "--yes")[1].startswith("added: 0, changed: 0, removed: 5\n")
    assert known(database) == sorted(mixed[5:])


def test_what_is_laid_ready_is_kept_in_a_file(database: Path) -> None:
    """A million rows would take hundreds of megabytes of memory beside a portal that serves."""
    many = (SAMPLES[0]._replace(number=f"{number}") for number in range(200_000_000, 200_030_000))
    with desk.opened(database, Postgresql()) as own:
        own.read(lambda db: qualification.stage(db, many))
        assert max(map(_temporary, Path("/proc/self/fd").iterdir())) > 1 << 20


def _temporary(descriptor: Path) -> int:
    """The bytes of one of SQLite's own files, whose names are gone once they are open; 0 for any other."""
    try:
        return descriptor.stat().st_size if "etilqs_" in str(descriptor.readlink()) else 0
    except FileNotFoundError:  # that of the listing itself
        return 0


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("\n", 1)])
def test_on_a_terminal_it_shows_how_far_it_is_and_asks(config: Path, typed: str, status: int) -> None:
    many = [SAMPLES[0]._replace(number=f"{number}") for number in range(200_000_000, 200_012_000)]
    parent, child = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "bridge.cli", "portal", "import-contractors", "--config", config, written(config, many)],
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    shown = until(parent, "[y/N] ")
    assert re.search(r"\r\[#+\.*\] +\d+% +5,000", shown)
    assert "added: 12000, changed: 0, removed: 5" in shown
    os.write(parent, typed.encode())
    assert program.wait(60) == status
    os.close(parent)
    assert (known(config.with_name("portal.sqlite3")) == many) is (status == 0)


def until(terminal: int, words: str) -> str:
    shown = b""
    while words.encode() not in shown:
        shown += os.read(terminal, 4096)
    return shown.decode()
