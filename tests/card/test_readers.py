"""The reader watch over a real pcscd that comes, goes and comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bridge.readers.state import ReaderState
from bridge.readers.watch import ReaderWatch
from tests.card.conftest import PIN, Bay, Chain
from tests.virtual.piv import PivCard

PATIENCE_SECONDS = 30.0


class Diary:
    """Every snapshot, and waiting for one of a kind."""

    def __init__(self) -> None:
        self.snapshots: list[tuple[ReaderState, ...]] = []
        self._news = threading.Condition()

    def write(self, snapshot: tuple[ReaderState, ...]) -> None:
        with self._news:
            self.snapshots.append(snapshot)
            self._news.notify_all()

    def wait_for(self, name: str, *, present: bool) -> ReaderState:
        def state() -> ReaderState | None:
            last = self.snapshots[-1] if self.snapshots else ()
            return next((each for each in last if each.name == name and each.card_present is present), None)

        with self._news:
            assert self._news.wait_for(lambda: state() is not None, PATIENCE_SECONDS)
        found = state()
        assert found is not None
        return found

    def wait_for_nothing(self) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.snapshots[-1:] == [()], PATIENCE_SECONDS)


@pytest.fixture
def diary(chain: Chain) -> Iterator[Diary]:
    book = Diary()
    watch = ReaderWatch(book.write)
    watch.start()
    yield book
    watch.stop()


def test_insertion_and_removal_are_told_with_atr_and_counter(diary: Diary, bay: Bay) -> None:
    empty = diary.wait_for(bay.name, present=False)
    card = PivCard({}, PIN)
    bay.insert(card)
    full = diary.wait_for(bay.name, present=True)
    assert (full.atr, full.events, full.in_use) == (card.atr, empty.events + 1, False)
    bay.remove()
    gone = diary.wait_for(bay.name, present=False)
    assert (gone.atr, gone.events) == (b"", empty.events + 2)
    assert card.log == [], "the watch never talks to a card"


def test_the_service_may_restart(diary: Diary, chain: Chain, bay: Bay) -> None:
    diary.wait_for(bay.name, present=False)
    chain.service.stop()
    diary.wait_for_nothing()
    chain.service.start()
    diary.wait_for(bay.name, present=False)
    bay.insert(PivCard({}, PIN))
    diary.wait_for(bay.name, present=True)


def test_without_a_service_there_is_no_reader_and_stopping_is_quick(chain: Chain) -> None:
    chain.service.stop()
    book = Diary()
    watch = ReaderWatch(book.write)
    watch.start()
    book.wait_for_nothing()
    watch.stop()
    chain.service.start()
    assert book.snapshots == [()]


def test_nothing_is_told_after_stop(chain: Chain, bay: Bay) -> None:
    book = Diary()
    watch = ReaderWatch(book.write)
    watch.start()
    book.wait_for(bay.name, present=False)
    watch.stop()
    told = len(book.snapshots)
    bay.insert(PivCard({}, PIN))
    assert len(book.snapshots) == told
