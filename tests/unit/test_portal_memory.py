"""Collections of garbage while the portal serves: none of them looks through what was loaded before."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from portal.web import memory


class Node:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_loaded_is_left_out_of_every_later_collection() -> None:
    loaded = len(gc.get_objects())
    memory.settle()
    assert gc.get_freeze_count() > loaded / 2
    assert len(gc.get_objects()) < loaded / 10


def test_what_requests_leave_behind_is_found_by_itself() -> None:
    memory.settle()
    node = weakref.ref(Node())
    kept: list[list[int]] = [[] for _ in range(2 * memory.YOUNG)]
    assert node() is None
    assert kept
