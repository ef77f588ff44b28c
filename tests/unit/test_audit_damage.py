"""Writing on top of whatever a power cut, or somebody, left of the record: nothing is lost, and nothing is hidden."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bridge.audit.verify import Kind
from tests.unit.audit_world import World, receipts


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "audit")


@pytest.mark.parametrize("zeros", [0, 30])
def test_a_power_cut_costs_the_line_it_hit_and_no_other(tmp_path: Path, zeros: int) -> None:
    whole = World(tmp_path / "whole")
    signed = whole.sign(3)
    raw = whole.file.read_bytes()
    end = len(raw)
    begin = raw.rfind(b"\n", 0, end - 1) + 1
    for length in range(1, end - begin - 1, 7):
        world = World(tmp_path / f"{length}")
        world.path.mkdir(mode=0o700)
        (world.path / "000001.jsonl").write_bytes(raw[: begin + length] + b"\0" * zeros)
        (world.path / "000001.jsonl").chmod(0o600)
        more = world.sign(2)
        assert world.file.read_bytes().startswith(raw[: begin + length])  # nothing is taken out
        assert world.findings(*receipts([*signed[:2], *more])) == [(Kind.INTERRUPTED, 4)]


def test_a_power_cut_again_while_that_is_told(world: World) -> None:
    world.sign(2)
    world.file.write_bytes(world.file.read_bytes()[:-20])
    world.restart()
    world.sign()
    raw = world.file.read_bytes()
    told = raw.index(b'"unreadable"')
    world.file.write_bytes(raw[:told])
    world.restart()
    signed = world.sign()
    assert world.findings(*receipts(signed)) == [(Kind.INTERRUPTED, 3)]


def test_a_line_that_lacks_its_line_feed_alone_is_not_lost(world: World) -> None:
    signed = world.sign(2)
    world.file.write_bytes(world.file.read_bytes()[:-1])
    assert world.findings() == [(Kind.INTERRUPTED, 3)]
    world.restart()
    signed += world.sign()
    assert world.findings(*receipts(signed)) == []


@pytest.mark.parametrize("restarted", [True, False])
def test_a_line_that_was_changed_stays_found_whoever_writes_on(world: World, restarted: bool) -> None:
    world.sign(3)
    raw = world.file.read_bytes()
    place = raw.rindex(b"portal.example")
    world.file.write_bytes(raw[:place] + b"P" + raw[place + 1 :])
    if restarted:
        world.restart()
    world.sign(2)
    assert (Kind.CHANGED, 4) in world.findings()


def test_lines_that_are_cut_off_while_the_bridge_runs_are_missing(world: World) -> None:
    world.sign(4)
    lines = world.file.read_bytes().splitlines(keepends=True)
    world.file.write_bytes(b"".join(lines[:3]))
    world.sign()
    assert world.findings()[0] == (Kind.MISSING, 4)


def test_a_record_that_is_deleted_while_the_bridge_runs_is_missing(world: World) -> None:
    world.sign(4)
    world.file.unlink()
    world.sign()
    assert world.findings() == [(Kind.MISSING, 1)]


def test_a_record_that_is_replaced_while_the_bridge_runs_is_found(world: World, tmp_path: Path) -> None:
    world.sign(4)
    other = World(tmp_path / "other")
    other.now += timedelta(hours=1)
    other.sign(4)
    world.file.unlink()
    other.file.rename(world.path / "000001.jsonl")
    world.sign()
    assert world.findings() == [(Kind.UNLINKED, 6)]
