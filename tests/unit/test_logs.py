"""The bridge's log: JSON lines, private, rotated; an exception is its class and place, never its text."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge import logs

SECRET = "73920518"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A log in a folder of its own; afterwards logging is as it was."""
    root, own = logging.getLogger(), logging.getLogger("card-bridge")
    before, quiet = root.handlers[:], logging.getLogger("asyncio").level
    logs.start(tmp_path / "log", "DEBUG")
    yield tmp_path / "log"
    for handler in own.handlers:
        handler.close()
    own.handlers[:], root.handlers[:] = [], before
    logging.getLogger("asyncio").setLevel(quiet)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "bridge.log").read_text(encoding="utf-8").splitlines()]


def test_a_line_is_an_event_and_its_facts(folder: Path) -> None:
    logs.info("signed", origin="https://portal.example", count=3)
    (line,) = lines(folder)
    assert line.pop("at").endswith("Z")
    assert line == {"level": "INFO", "event": "signed", "origin": "https://portal.example", "count": 3}


def test_an_exceptions_text_stays_out(folder: Path) -> None:
    try:
        raise ValueError(f"could not use {SECRET}")
    except ValueError as error:
        logs.fault("request_failed", error)
    (line,) = lines(folder)
    assert line["exception"] == "ValueError"
    assert line["place"].startswith("test_logs.py:")
    assert SECRET not in json.dumps(line)


def test_what_libraries_log_goes_nowhere(folder: Path) -> None:
    for name in ("aiohttp.access", "asyncio", "some.vendor"):
        logging.getLogger(name).critical("PIN %s", SECRET)
    assert lines(folder) == []


def test_a_long_fact_is_cut(folder: Path) -> None:
    logs.info("refused", origin="https://" + "a" * 5000)
    assert len(lines(folder)[0]["origin"]) == 120


def test_the_folder_is_private_and_old_files_go(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for number in range(60_000):
        logs.info("signed", origin="https://portal.example/" + "x" * 90, count=number)
    files = sorted(path.name for path in folder.iterdir())
    assert files == ["bridge.log", *(f"bridge.log.{number}" for number in range(1, 6))]
    assert all(path.stat().st_size <= 1 << 20 for path in folder.iterdir())
    assert lines(folder)[-1]["count"] == 59_999
