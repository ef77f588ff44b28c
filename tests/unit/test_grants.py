"""The file of grants: what counts, what is refused, and that two programs may change it."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.consent.grants import Grant, Grants
from bridge.gate.origins import NotKept

SITE, OTHER = "https://site.example", "https://other.example:8443"
NOW = datetime(2026, 11, 25, 3, 15, 55, tzinfo=UTC)
STAMP = "2026-11-25T03:15:55Z"


def grants(directory: Path, run: str = "") -> Grants:
    return Grants(directory / "kept" / "origins.json", lambda: NOW, run)


def test_what_one_program_grants_and_revokes_another_sees_at_once(tmp_path: Path) -> None:
    daemon, terminal = grants(tmp_path, "a"), grants(tmp_path)
    assert daemon.origins() == frozenset()
    terminal.allow(SITE, once=False)
    assert daemon.origins() == {SITE}
    daemon.allow(OTHER, once=False)
    assert terminal.read() == {SITE: Grant(STAMP), OTHER: Grant(STAMP)}
    terminal.revoke(SITE)
    terminal.revoke(SITE)
    assert daemon.origins() == {OTHER}


def test_once_counts_for_its_daemon_alone_and_ends_with_it(tmp_path: Path) -> None:
    daemon, next_one = grants(tmp_path, "a"), grants(tmp_path, "b")
    daemon.allow(SITE, once=True)
    daemon.allow(OTHER, once=False)
    assert daemon.origins() == {SITE, OTHER}
    assert next_one.origins() == {OTHER}
    next_one.forget_once()
    assert daemon.origins() == {OTHER}


def test_only_the_owner_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        grants(tmp_path).allow(SITE, once=False)
    finally:
        os.umask(before)
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "kept").iterdir()} == {0o600}


GOOD = {"v": 1, "origins": {SITE: {"at": STAMP, "run": ""}}}
DAMAGED = {
    "not JSON": b"{",
    "not UTF-8": b'{"v": 1, "origins": {"\xff": {}}}',
    "another version": json.dumps({**GOOD, "v": 2}).encode(),
    "a key too many": json.dumps({**GOOD, "more": 1}).encode(),
    "no origin": json.dumps({"v": 1, "origins": {"https://*.example": {"at": STAMP, "run": ""}}}).encode(),
    "a grant too short": json.dumps({"v": 1, "origins": {SITE: {"at": STAMP}}}).encode(),
    "too long": json.dumps(GOOD).encode() + b" " * (1 << 20),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_grants_nothing_and_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    kept = grants(tmp_path)
    kept.allow(OTHER, once=False)
    file = tmp_path / "kept" / "origins.json"
    file.write_bytes(content)
    assert kept.origins() == frozenset()
    with pytest.raises(NotKept):
        kept.allow(SITE, once=False)
    assert file.read_bytes() == content


def test_a_file_that_others_can_write_grants_nothing(tmp_path: Path) -> None:
    kept = grants(tmp_path)
    kept.allow(SITE, once=False)
    assert kept.origins() == {SITE}
    (tmp_path / "kept" / "origins.json").chmod(0o620)
    assert kept.origins() == frozenset()
    with pytest.raises(NotKept, match="others than its owner"):
        kept.read()


def test_who_changes_the_file_waits_for_another_program_that_does(tmp_path: Path) -> None:
    grants(tmp_path).allow(SITE, once=False)
    with (tmp_path / "kept" / "origins.lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        changing = threading.Thread(target=lambda: grants(tmp_path).allow(OTHER, once=False))
        changing.start()
        changing.join(0.5)
        assert changing.is_alive()
        assert set(grants(tmp_path).read()) == {SITE}
    changing.join(30)
    assert set(grants(tmp_path).read()) == {SITE, OTHER}
