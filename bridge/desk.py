"""The person's attention: what asks about a site and what asks about a card never stand side by side (invariant 9)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bridge.errors import Busy


class Desk:
    def __init__(self) -> None:
        self._consent = False
        self._cards = 0

    @contextlib.contextmanager
    def for_card(self) -> Iterator[None]:
        """A request that may open a window about a card; several of them take turns elsewhere. Raises Busy."""
        if self._consent:
            raise Busy("a consent window is open")
        self._cards += 1
        try:
            yield
        finally:
            self._cards -= 1

    @contextlib.contextmanager
    def for_consent(self) -> Iterator[None]:
        """Raises Busy."""
        if self._consent or self._cards:
            raise Busy("a window is open or about to open")
        self._consent = True
        try:
            yield
        finally:
            self._consent = False
