"""Each part of the doctor is guarded and bounded, and no line names a person unasked."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from bridge.doctor.check import Check
from bridge.doctor.discretion import Discretion
from bridge.doctor.examination import Part, examine


def line(name: str) -> Check:
    return Check(name, True, f"{name} です", f"{name} it is")


def broken() -> Iterable[Check]:
    yield line("before")
    raise ZeroDivisionError("山田太郎 1234")


def absent() -> Iterable[Check]:
    return [Check("file", True, (text := Path("/nonexistent/secret").read_text(encoding="utf-8")), text)]


def test_a_part_that_fails_is_one_line_and_the_others_stay() -> None:
    found = examine([Part("one", lambda: [line("first")]), Part("two", broken), Part("three", lambda: [line("last")])])
    assert [check.name for check in found] == ["first", "before", "unexpected", "last"]
    failed = found[2]
    assert (failed.ok, failed.en.startswith("two could not be checked: ZeroDivisionError, ")) == (False, True)
    assert "山田太郎" not in failed.ja + failed.en


def test_the_systems_reason_is_told_without_the_file() -> None:
    (failed,) = examine([Part("files", absent)])
    assert failed.en == "files could not be checked: No such file or directory. Ask for help with this line."


def test_a_part_without_end_is_waited_for_no_longer_than_it_says_and_holds_up_nobody() -> None:
    let_go = threading.Event()
    meeting = threading.Barrier(2, timeout=30)

    def meets(name: str) -> Iterable[Check]:
        meeting.wait()  # passes only if both are under way at once
        return [line(name)]

    def hangs() -> Iterable[Check]:
        let_go.wait(60)
        return [line("late")]

    parts = [Part("hung", hangs, 0.2), Part("a", lambda: meets("a"), 30), Part("b", lambda: meets("b"), 30)]
    begin = time.monotonic()
    found = examine(parts)
    let_go.set()
    assert [check.name for check in found] == ["unfinished", "a", "b"]
    assert "hung" in found[0].ja
    assert time.monotonic() - begin < 30


DISCREET = Discretion(("C:\\Users\\山田太郎", "/home/yamada"), "yamada")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("writable: /home/yamada/.local/share", "writable: ~/.local/share"),
        ("C:\\Users\\山田太郎\\AppData", "~\\AppData"),
        ("c:\\users\\山田太郎", "~"),
        ("/home/yamada2/x and /srv/YAMADA/x", "/home/yamada2/x and /srv/…/x"),
        ("yamadaya", "yamadaya"),
    ],
)
def test_home_folders_and_account_names_are_cut(text: str, told: str) -> None:
    check = DISCREET.check(Check("directory", True, text, text, (("place", text),)))
    assert (check.ja, check.en, check.facts) == (told, told, (("place", told),))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SCM SCR3310 [CCID Interface] (53311234567890) 00 00", "SCM SCR3310 [CCID Interface] (…) 00 00"),
        ("Gemalto PC Twin Reader (A1B2C3D4) 00 00", "Gemalto PC Twin Reader (…) 00 00"),
        ("Sony FeliCa Port/PaSoRi 4.0 0", "Sony FeliCa Port/PaSoRi 4.0 0"),
        ("Reader (Contact) 0", "Reader (Contact) 0"),
    ],
)
def test_serial_numbers_of_readers_are_cut(name: str, told: str) -> None:
    assert DISCREET.check(Check("reader", True, name, name)).en == told
    assert DISCREET.check(Check("port", True, name, name)).en == name


@pytest.mark.parametrize("name", ["no", "card", "bridge"])
def test_an_account_that_is_called_like_a_word_of_ours_takes_nothing_out_of_sentences(name: str) -> None:
    check = Discretion((), name).check(Check("card", True, name, f"no card in card-bridge: /srv/{name}/x"))
    assert check.en == "no card in card-bridge: /srv/…/x"


def test_the_command_loads_neither_the_daemon_nor_cryptography() -> None:
    """They would double its time (benchmarks/doctor.py)."""
    code = "import sys, tray.doctor; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "bridge.doctor.parts" in loaded
    assert not {"aiohttp", "cryptography", "asn1crypto", "pkcs11"} & loaded
