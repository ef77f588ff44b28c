"""How far a request is that signs several documents."""

from __future__ import annotations

from collections.abc import Callable


class Progress:
    """Called by the card host's client with the number of signatures made and wanted; tells a page what is new."""

    def __init__(self, tell: Callable[[int, int], None] = lambda done, total: None) -> None:
        self._tell = tell
        self.made = 0
        """Signatures that the card has made, whether or not they leave."""

    def __call__(self, done: int, total: int) -> None:
        if done > self.made:
            self.made = done
            self._tell(done, total)
