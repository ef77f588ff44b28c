"""Real card hosts killed by SIGKILL between any two things that they do, the practice card's counter on the disk."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from bridge.card.practice import card as practice
from bridge.card.practice import slot as practice_slot
from bridge.card.safety.guard import CONFIRMATION
from tests.card_host import ORIGIN, CardHost, Died, Reply
from tests.flow.bridge import statement
from tests.unit import pki

SEQUENCES, REQUESTS = 100, 5
LAST_CALL = 60
"""A request with a login and a signature makes fewer such calls."""
RIGHT, WRONG = "1234", ("9991", "9992", "9993")


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("killer") / "killer.so"
    source = Path(__file__).with_name("killer.c")
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return library


class Outcome(NamedTuple):
    killed: bool
    code: str
    """Of the refusal; empty after success, or when nobody answered."""
    asked: list[Reply]
    before: int
    after: int


class Sequence:
    """Requests to one card, by hosts that may be killed; what a daemon would do between them is done."""

    def __init__(self, directory: Path, killer: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._killer = killer
        self._practice = directory / "card" / "practice"
        shutil.copytree(pki.practice_directory(), self._practice)
        practice_slot.insert(self._practice)
        self._host = CardHost(directory, {"practice": True, "modules": []})
        self._certificate = pki.certificate_id()
        self._refused: set[str] = set()
        self._kills = 0
        self._new_daemon()
        self._lives = False

    def run(self) -> int:
        """Returns how many hosts were killed."""
        for _ in range(REQUESTS):
            if not self._lives:
                self._start()
            pin = self._random.choice((RIGHT, *WRONG))
            self._judge(pin, self._request(pin))
            if self.left == 0:
                break
        if self._lives:
            self._host.stop()
        return self._kills

    @property
    def left(self) -> int:
        return practice.read(self._practice).tries_left

    def _new_daemon(self) -> None:
        self._key = self._random.randbytes(32).hex()
        self._refused.clear()

    def _start(self) -> None:
        if self._random.random() < 0.2:
            self._new_daemon()
        self._host.start(self._key, LD_PRELOAD=str(self._killer), KILL_AT=str(self._random.randint(1, LAST_CALL)))
        self._lives = True

    def _request(self, pin: str) -> Outcome:
        """The person types one PIN and all words, once; a window that comes back is cancelled."""
        host, before, known = self._host, self.left, len(self._host.questions())
        host.plan(f"pin {pin} {CONFIRMATION['ja']}", "cancel")
        try:
            reply = host.ask(
                "sign",
                origin=ORIGIN,
                certificate=self._certificate,
                statement=statement(),
                keepPinSession=self._random.random() < 0.5,
            )
        except Died:
            host.kill()
            self._lives, reply = False, {}
            self._kills += 1
        code = reply.get("error", {}).get("code", "")
        return Outcome(not reply, code, host.questions()[known:], before, self.left)

    def _judge(self, pin: str, outcome: Outcome) -> None:
        killed, code, asked, before, after = outcome
        assert code in ("", "pin_wrong", "pin_locked", "pin_cancelled"), code
        assert after >= before - 1, "more than one try for one OK"
        if asked:
            assert asked[0]["tries"]["count"] == before, "the window did not show the card's number"
            assert before > 0, "a window for a locked card"
        if after < before:
            assert asked, "a try without a window"
            assert before > 1 or asked[0]["typed"], "locked, and nobody confirmed"
            assert pin not in self._refused, "a refused PIN was sent again"
            if pin != RIGHT:
                self._refused.add(pin)
        if after > before or (code == "" and not killed):
            self._refused.clear()
        if pin in self._refused and after == before and not killed:
            assert asked[-1]["notice"] == "same_pin" or before == 0
        json.loads(self._host.ledger.read_bytes() if self._host.ledger.exists() else b"{}")


@pytest.mark.parametrize("seed", range(0, SEQUENCES, 10))
def test_a_killed_host_spends_no_try_that_nobody_confirmed(tmp_path: Path, killer: Path, seed: int) -> None:
    kills = 0
    for number in range(seed, seed + 10):
        directory = tmp_path / str(number)
        directory.mkdir()
        kills += Sequence(directory, killer, number).run()
    assert kills >= 10
