"""The first run of a person whose PC has the MSI's bridge, in its terminal: from the first page to a test signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import road
from tests.desktop.consent import TITLES
from tests.windows.bridge_on_pc import PROGRAM, events, settle, wait_for
from tests.windows.conftest import copied
from tests.windows.pc import PC, log_on, running

PIN = "1234"
ONCE = "alt+o"


@pytest.fixture(scope="module")
def pc(installed_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PC]:
    """A person has logged on, with a card in the reader that the practice card stands for."""
    with running(copied(installed_disk, tmp_path_factory.mktemp("first") / "pc")) as started:
        settle(started, {"bridge": {"language": "ja"}, "card": {"practice": True}, "setup": {"window": False}})
        log_on(started)
        wait_for(started, "lock_screen_watched")
        yield started


def answered(pc: PC) -> None:
    """The consent window, then the PIN window."""
    road.use_window(pc.env, TITLES, "", ONCE)
    road.use_window(pc.env, road.PIN_WINDOW, PIN, "Return")


def left_behind(pc: PC) -> list[Path]:
    return list((pc.drive / "users").glob("*/AppData/Local/Temp/card-bridge-*"))


def test_own_card_and_practice_card_sign_and_the_program_checks_it(pc: PC) -> None:
    """No portal is installed. The practice card signs in a bridge of its own, of which nothing stays."""
    program = pc.start(PROGRAM, "setup")
    assert program.process.stdin is not None
    program.process.stdin.write(b"n\r\nn\r\nn\r\nn\r\n1\r\n2\r\nn\r\n")
    program.process.stdin.flush()
    answered(pc)
    answered(pc)
    told, _ = program.end()
    assert re.findall(r"=== ([1-5])／5", told) == ["1", "2", "3", "4", "5", "5", "5"]
    assert "OK  署名をこのパソコンの中で確かめました。" in told, told
    assert "OK  練習用カードの署名は正しく確かめられました。" in told, told
    assert [each["type"] for each in events(pc) if each["event"] == "signed"] == ["example"]
    assert left_behind(pc) == []
