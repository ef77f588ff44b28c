"""Writing the record: private, across files, beside another bridge, on a disk that is full."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.audit import chain, reading
from bridge.audit.folder import Folder
from bridge.audit.record import Held, NotWritten
from bridge.audit.verify import Kind
from tests.unit.audit_world import World, receipts

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "audit")


def test_a_line_is_json_that_names_the_one_before(world: World) -> None:
    first, second = world.sign(2)
    rows = [json.loads(line) for line in world.file.read_text(encoding="utf-8").splitlines()]
    assert [row["i"] for row in rows] == [1, 2, 3]
    assert [row["event"] for row in rows] == ["file", "sign", "sign"]
    assert rows[2]["prev"] == rows[1]["hash"] == first.hash
    assert (rows[2]["at"], rows[2]["action"], rows[2]["hash"]) == ("2026-11-30T03:00:02.000Z", "ログイン", second.hash)
    assert world.findings(*receipts([first, second])) == []


@POSIX
def test_it_is_for_its_owner_alone(world: World) -> None:
    before = os.umask(0)
    try:
        world.sign()
    finally:
        os.umask(before)
    assert stat.S_IMODE(world.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in world.path.iterdir()} == {0o600}


@POSIX
@pytest.mark.parametrize("mode", [0o620, 0o602])
@pytest.mark.parametrize("running", [True, False])
def test_a_file_that_others_can_write_is_not_written_to(world: World, mode: int, running: bool) -> None:
    world.sign()
    if not running:
        world.restart()
    world.file.chmod(mode)
    before = world.file.read_bytes()
    for use in (world.record.ready, world.sign):
        with pytest.raises(NotWritten, match="others than its owner can write it"):
            use()
    assert world.file.read_bytes() == before


@POSIX
def test_a_folder_that_others_can_write_is_not_written_to(world: World) -> None:
    world.path.mkdir()
    world.path.chmod(0o777)
    with pytest.raises(NotWritten, match="others than its owner can write it"):
        world.sign()


@POSIX
def test_a_link_to_another_file_is_not_followed(world: World, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"")
    world.path.mkdir(mode=0o700)
    (world.path / "000001.jsonl").symlink_to(other)
    with pytest.raises(NotWritten):
        world.sign()
    assert other.read_bytes() == b""


def test_a_long_file_is_followed_by_another_and_the_chain_goes_on(tmp_path: Path) -> None:
    world = World(tmp_path / "audit", file_bytes=2000)
    signed = world.sign(12)
    assert len(world.files) > 2
    assert all(path.stat().st_size < 3000 for path in world.files)
    assert world.findings(*receipts(signed)) == []
    world.restart()
    assert world.findings(*receipts([*signed, *world.sign()])) == []


def test_a_new_month_begins_a_new_file(world: World) -> None:
    world.sign()
    world.now += timedelta(days=2)
    world.sign()
    assert [path.name for path in world.files] == ["000001.jsonl", "000002.jsonl"]
    world.restart()
    world.sign()
    assert len(world.files) == 2
    assert world.findings() == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_file_that_is_taken_away_is_missing(tmp_path: Path, which: int) -> None:
    world = World(tmp_path / "audit", file_bytes=2000)
    world.sign(16)
    gone = [line.number for line in reading.lines(world.files[which])]
    world.files[which].unlink()
    assert world.findings() == [(Kind.MISSING, gone[0])]


def test_lines_whose_time_is_over_go_and_the_record_says_so(tmp_path: Path) -> None:
    world = World(tmp_path / "audit", days=100)
    (early,) = world.sign()
    for _ in range(6):
        world.now += timedelta(days=31)
        (late,) = world.sign()
    assert [path.name for path in world.files] == [f"00000{number}.jsonl" for number in (3, 4, 5, 6, 7)]
    assert world.findings(*receipts([late])) == []
    for numbered in (True, False):
        ((kind, _),) = world.findings(*receipts([early], numbered=numbered))
        assert kind is Kind.EARLIER


def test_what_went_without_the_record_saying_so_is_missing(tmp_path: Path) -> None:
    world = World(tmp_path / "audit", days=100)
    for _ in range(6):
        world.sign()
        world.now += timedelta(days=31)
    last = list(reading.lines(world.files[0]))[-1]
    world.files[0].unlink()
    assert world.findings() == [(Kind.MISSING, 1)]
    assert last.number > 1


def test_a_clock_that_is_wrong_for_a_day_empties_nothing(tmp_path: Path) -> None:
    world = World(tmp_path / "audit", days=100)
    signed = world.sign(3)
    right = world.now
    world.now += timedelta(days=20 * 365)
    signed += world.sign()
    world.now = right
    signed += world.sign()
    assert world.findings(*receipts(signed)) == []


def test_two_bridges_write_on_from_each_other(world: World) -> None:
    other = world.another()
    signed = []
    for _ in range(5):
        signed += [*world.sign(), other.append("certificates", {"outcome": "ok"})]
    assert [line.number for line in signed] == list(range(2, 12))
    assert world.findings() == []


def test_who_writes_while_another_does_is_told_so_and_waits_nowhere(world: World) -> None:
    world.sign()
    folder = Folder(world.path)
    with folder.locked(), pytest.raises(Held):
        world.sign()
    folder.close()
    world.sign()
    assert world.findings() == []


FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from bridge.audit.record import NotWritten, Record

record = Record(Path(sys.argv[1]), lambda: datetime.now(UTC))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
written = 0
try:
    while True:
        record.append("sign", {"outcome": "ok", "number": written})
        written += 1
except NotWritten as error:
    print(written, error)
"""


@POSIX
@pytest.mark.parametrize("limit", [1, 100, 2000, 2001, 2100, 2200])
def test_a_line_that_does_not_fit_on_the_disk_leaves_nothing(world: World, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(world.path), str(limit)], capture_output=True, text=True, check=True
    )
    written = int(done.stdout.split()[0])
    lines = world.lines()
    assert [line.facts["number"] for line in lines if line.event == "sign"] == list(range(written))
    assert world.file.read_bytes() == b"" or world.file.read_bytes().endswith(b"\n")
    signed = world.sign()
    assert world.findings(*receipts(signed)) == []


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="makes a disk of its own, as root")
def test_a_disk_that_is_full_is_known_before_a_person_is_asked(world: World) -> None:
    world.path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k,mode=700", "none", str(world.path)], check=True)
    try:
        world.sign()
        world.record.ready()
        (world.path / "other").write_bytes(b"x" * (400 << 10))
        with pytest.raises(NotWritten, match="No space left"):
            world.record.ready()
        world.sign()
        assert world.findings() == []
    finally:
        world.record.close()
        subprocess.run(["umount", str(world.path)], check=True)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotWritten):
        World(tmp_path / "file" / "audit").record.ready()


def test_what_was_written_is_synced_once(world: World) -> None:
    world.sign()
    assert world.record.unsynced() == {1}
    world.record.sync(frozenset({1}))
    assert world.record.unsynced() == frozenset()


def test_signatures_are_found_from_the_end(tmp_path: Path) -> None:
    world = World(tmp_path / "audit", file_bytes=2000)
    signed = world.sign(12)
    world.record.append("sign", {"origin": "https://portal.example", "outcome": "pin_wrong"})
    assert reading.last_signatures(world.path, 10) == signed[-10:]
    assert reading.last_signatures(world.path, 100) == signed
    assert reading.last_signatures(tmp_path / "none", 10) == []


def test_a_line_over_the_limit_is_no_line() -> None:
    raw, _ = chain.seal(chain.START, "2026-11-30T03:00:00.000Z", "sign", {"action": "x" * (64 << 10)})
    with pytest.raises(chain.Malformed):
        chain.unseal(raw[:-1])
