"""The same acts in SQLite and in PostgreSQL have the same answers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.refusals import Refused
from portal.storage import Postgresql
from portal.store import (
    Contractor,
    Draft,
    Owner,
    Store,
    board,
    desk,
    lookup,
    officers,
    open_store,
    outbox,
    qualification,
    receipts,
    schema,
    searches,
    sessions,
)
from portal.store.database import Database
from portal.store.mail_rows import Attempt, Mail, MailState
from portal.store.rows import State
from tests.postgresql import Cluster
from tests.unit import portal_pki as pki

NOW = pki.NOW
HOUR = timedelta(hours=1)
WORDS = ("あ", "ア", "a", "A", "B", "_", "%", "é", "株式会社", "ﾊﾟ", "𠮷", "'", '"', "\\", "")
Act = Callable[[Database, int, int], Any]


def owner(number: int) -> Owner:
    return Owner(f"{number % 3:064d}", "")


def contractor(number: int, word: int) -> Contractor:
    name = WORDS[word] + WORDS[number % len(WORDS)]
    return Contractor(f"{WORDS[number % 7]}{number % 5}", name, "", WORDS[word], WORDS[number % 4], "")


def staged(db: Database, number: int, word: int) -> Any:
    """As an import does it, at a desk of its own."""
    rows = {each.number: each for each in (contractor(number + step, word) for step in range(3))}
    qualification.stage(db, rows.values())
    counts = qualification.counts(db, partial=bool(number % 2))
    lines = list(qualification.lines(db, partial=bool(number % 2)))
    looked = qualification.represented(db, partial=bool(number % 2))
    done = qualification.settle(db, partial=bool(number % 2))
    db.execute("DROP TABLE staged")
    return counts, lines, looked, done


def mailed(db: Database, number: int, word: int) -> Any:
    outbox.post(db, [Mail(f"{WORDS[word]}@example.jp", WORDS[number % len(WORDS)], "")], NOW)
    posted = outbox.claim(db, NOW + HOUR, NOW + 2 * HOUR, NOW + 9 * HOUR)
    if posted is None:
        return None
    state = list(MailState)[number % 4]
    return posted.attempts, outbox.settle(db, posted, Attempt(state, "", NOW))


def spent(db: Database, number: int, word: int) -> None:
    session = sessions.create(db, None, NOW, NOW + HOUR)
    asked: tuple[str, str, str, bytes] = (session.id, "t", WORDS[word], b"\0\xff")
    (nonce,) = {sessions.mint(db, *asked, {"w": word}, NOW, NOW + HOUR) for _ in range(2)}
    assert sessions.attempt(db, session.id, nonce) is not None
    for _ in range(1 + number % 2):
        sessions.spend(db, session.id, nonce, NOW)


ACTS: tuple[Act, ...] = (
    staged,
    mailed,
    spent,
    lambda db, n, w: sessions.save_draft(db, owner(n), Draft(WORDS[w], {"a": WORDS[w]}, {}), NOW),
    lambda db, n, w: sessions.draft(db, owner(n)),
    lambda db, n, w: searches.attempt(db, owner(n), 4, HOUR, NOW + timedelta(minutes=10 * w)).left,
    lambda db, n, w: board.post(db, WORDS[w] + str(n % 4), date(2026, 12, 1 + n % 9), WORDS[w]),
    lambda db, n, w: board.set_day(db, date(2026, 12, 1 + n % 9), (True, False, None)[w % 3]),
    lambda db, n, w: board.stop(db, WORDS[w], WORDS[w], NOW) if n % 2 else board.lift(db),
    lambda db, n, w: [(each.date, each.text) for each in board.read(db, date(2026, 12, 3)).news],
    lambda db, n, w: board.read(db, date(2026, 12, 3))[1:],
    lambda db, n, w: officers.add(db, WORDS[w], WORDS[w], str(n % 4), None, "cli", NOW) is not None,
    lambda db, n, w: [each[1:] for each in officers.everyone(db)],
    lambda db, n, w: lookup.search(db, WORDS[w], (None, State.REGISTERED)[n % 2], 0, 10),
    lambda db, n, w: outbox.listing(db, WORDS[w], (None, MailState.WAITING)[n % 2], 0, 50)[1],
    lambda db, n, w: [each.subject for each in outbox.listing(db, WORDS[w], None, n % 3, 50)[0]],
    lambda db, n, w: (outbox.tally(db), outbox.revive(db, NOW)),
    lambda db, n, w: receipts.find(db, WORDS[w], WORDS[w]),
)


class Both:
    """One store each, which go on together from example to example."""

    def __init__(self, loop: asyncio.AbstractEventLoop, places: tuple[Path, str]) -> None:
        self._loop = loop
        self._stores = [loop.run_until_complete(open_store(place)) for place in places]
        self._places = places
        self._turn = 0

    def answers(self, act: Act, number: int, word: int) -> list[Any]:
        self._turn += 1  # what chance gives is the same for both, and never the same again
        if act is not staged:
            return [self._answer(store, act, number, word) for store in self._stores]
        found = []
        for place in self._places:
            with desk.opened(place, Postgresql()) as own:
                found.append(own.write(lambda db: staged(db, number, word)))
        return found

    def search(self, words: str) -> list[Any]:
        return [self._loop.run_until_complete(store.search_contractors(words, 0, 50)) for store in self._stores]

    def _answer(self, store: Store, act: Act, number: int, word: int) -> Any:
        chance = random.Random(self._turn)
        with (
            mock.patch("secrets.token_urlsafe", lambda count: chance.randbytes(count).hex()),
            mock.patch("secrets.token_hex", lambda count: chance.randbytes(count).hex() + str(chance.random())),
        ):
            try:
                return self._loop.run_until_complete(store.write(lambda db: act(db, number, word)))
            except Refused as refusal:
                return refusal.code

    def close(self) -> None:
        for store in self._stores:
            self._loop.run_until_complete(store.close())


@pytest.fixture(scope="module")
def both(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    name = cluster.prepared("tables", schema.migrate)
    loop = asyncio.new_event_loop()
    made = Both(loop, (tmp_path_factory.mktemp("both") / "portal.sqlite3", cluster.url(name)))
    yield made
    made.close()
    loop.close()
    cluster.drop(name)


_STEPS = st.lists(
    st.tuples(st.integers(0, len(ACTS) - 1), st.integers(0, 10**6), st.integers(0, len(WORDS) - 1)), max_size=20
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_STEPS)
def test_the_same_acts_have_the_same_answers(both: Both, steps: list[tuple[int, int, int]]) -> None:
    for act, number, word in steps:
        mine, theirs = both.answers(ACTS[act], number, word)
        assert mine == theirs, (act, number, word)
        mine, theirs = both.search(WORDS[word])
        assert mine == theirs
