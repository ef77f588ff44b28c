"""How a PIN session ends, seen from the host alone: by time, by the daemon's end, by a kill and the next start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.card import other_program
from tests.card.conftest import OPENSC, PIN, Bay, eventually
from tests.card_host import ORIGIN, CardHost
from tests.flow.bridge import statement
from tests.virtual.piv import PivCard

SECONDS = 4
"""A session's life here: long enough for a second window to open in it."""


@pytest.fixture
def host(tmp_path: Path, card: PivCard) -> Iterator[CardHost]:
    made = CardHost(tmp_path, {"practice": False, "modules": [str(OPENSC)]}, {"session_seconds": SECONDS})
    made.start()
    yield made
    made.stop()


@pytest.fixture
def wanted(host: CardHost) -> dict[str, Any]:
    """What is asked to have something signed by a PIN session that is open."""
    host.plan(f"pin {PIN.decode()}", "later")
    asked = {"origin": ORIGIN, "certificate": host.certificate(), "statement": statement()}
    session = host.ask("sign", **asked, keepPinSession=True)["result"]["pinSession"]
    return {**asked, "pinSession": session}


def test_by_time_also_while_a_window_is_open(host: CardHost, wanted: dict[str, Any], card: PivCard, bay: Bay) -> None:
    host.begin("sign", **wanted)
    ended = host.event("pinSessionEnded")
    assert (ended["pinSession"], ended["reason"]) == (wanted["pinSession"], "expired")
    assert not other_program.can_sign(bay.name), "the card forgets at once, whatever the person at the window does"
    eventually(lambda: len(host.questions()) == 2, "the window that was open meanwhile")
    host.go()
    assert host.reply()["error"]["code"] == "pin_session_ended"
    assert len(card.verifications()) == 1


def test_by_the_daemons_end(host: CardHost, wanted: dict[str, Any], bay: Bay) -> None:
    with other_program.connected(bay.name):
        assert other_program.can_sign(bay.name)
        host.stop()
        assert not other_program.can_sign(bay.name)


def test_by_the_next_start_after_a_kill(host: CardHost, wanted: dict[str, Any], card: PivCard, bay: Bay) -> None:
    """Host and daemon killed: the ledger alone still knows which card they left unlocked."""
    with other_program.connected(bay.name):
        host.kill()
        assert other_program.can_sign(bay.name), "nobody could do anything about it yet"
        host.start()
        host.ask("forget")  # touches no card of a host that has no session: what follows is the start's own doing
        assert not other_program.can_sign(bay.name)
    assert host.ask("sign", **wanted)["error"]["code"] == "pin_session_ended"
    assert len(card.verifications()) == 1


def test_a_program_that_holds_the_card_only_delays_it(host: CardHost, wanted: dict[str, Any], bay: Bay) -> None:
    with other_program.connected(bay.name):
        host.kill()
        with other_program.at_work(bay.name):
            host.start()
            host.ask("forget")  # answered once the new host has given up waiting
        eventually(lambda: not other_program.can_sign(bay.name), "the reset that was waiting")
