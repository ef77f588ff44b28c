"""What a person gave in the window: the PIN, and the words beside it."""

from __future__ import annotations

from collections.abc import Callable

from bridge.card.safety.pin import Pin


def _nothing() -> None:
    return


class Answer:
    """Used as a context: at its end the PIN is wiped, and a window that stayed open for the reader's keys is closed."""

    def __init__(self, pin: Pin, *, person: str = "", typed: str = "", insistence: str = "") -> None:
        self.pin = pin
        self.person = person
        """担当者."""
        self.typed = typed
        """The confirmation of a try that may be the last."""
        self.insistence = insistence
        """The words by which a PIN that was refused before is sent again."""
        self.chosen: int | None = None
        """Which certificate of those to choose from, from 0."""
        self.remember = False
        """Whether it is to be remembered for this origin."""
        self.close: Callable[[], None] = _nothing
        """Takes away a window that stays while the person types on the reader."""
        self._kept = False

    def keep(self) -> None:
        """The end of the context leaves the PIN alone: whoever calls this calls `release`."""
        self._kept = True

    def release(self) -> None:
        """Wipe the PIN and close the window. May be called again."""
        self.pin.wipe()
        self.close()

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._kept:
            self.release()
