"""The course of one prompt: focus, time, OK and cancel (pure but for the prompt it tells): alike in every window."""

from __future__ import annotations

from collections.abc import Callable

from tray.pin_window import fields
from tray.pin_window.answer import Reason
from tray.pin_window.fields import Written
from tray.pin_window.focus import FocusGuard
from tray.pin_window.form import Blocker
from tray.pin_window.prompt import Prompt
from tray.pin_window.question import Kind, Question
from tray.pin_window.typed import TypedPin

LAST_MINUTE = 60
PAD_SECONDS = 300
"""How long the window waits for the reader's keys after OK if the host does not end it: longer than the host lives."""


class Course:
    """`clock` returns monotonic seconds."""

    def __init__(
        self,
        question: Question,
        pin: TypedPin,
        prompt: Prompt,
        clock: Callable[[], float],
        written: Callable[[], Written] = Written,
    ) -> None:
        self._question, self._pin, self._prompt = question, pin, prompt
        self._clock = clock
        self._interrupted = False
        self.written = written
        """What stands in the text fields now."""
        self.guard = FocusGuard(clock)
        self.answered = False
        self.urgent = False
        """The person pressed Enter although something is missing."""
        self.prolong()

    @property
    def ready(self) -> bool:
        return self.guard.open

    def lost_focus(self) -> None:
        """OK needs a PIN typed since the window gained the focus: so none survives its loss."""
        self.guard.lost()
        self._interrupted = self._interrupted or len(self._pin) > 0
        self._pin.wipe()

    def typed(self) -> None:
        """Something was typed, deleted or pasted."""
        self.urgent = False
        if len(self._pin):
            self._interrupted = False

    def blocker(self) -> Blocker | None:
        """The first thing that keeps OK from working."""
        return fields.blocker(self._question, self._pin, self.written())

    def obstacle(self) -> Blocker | None:
        """What the window says to be missing: before all else, that it does not listen yet."""
        if not self.ready and self._question.kind is Kind.PIN:
            return Blocker.WAIT
        found = self.blocker()
        return Blocker.INTERRUPTED if self._interrupted and found is Blocker.PIN_EMPTY else found

    def agree(self) -> bool:
        """OK or Enter. True: the window stays and says whose turn it is, for a reader with its own keys."""
        if self.answered or not self.ready:
            return False
        if self.blocker() is not None:
            self.urgent = True
            return False
        self.answered = True
        return self._prompt.agreed(fields.filled(self._question, self.written()))

    def refuse(self, reason: Reason) -> None:
        """Cancel, Escape, the window's cross, or the end of its time."""
        if not self.answered:
            self.answered = True
            self._prompt.refused(reason)

    def prolong(self) -> None:
        """The person needs more time: the same again from now."""
        self._ends = self._clock() + self._question.timeout

    def last_minute(self) -> tuple[int, int] | None:
        """Minutes and seconds left, once they are to be shown; at the end of the time the window is refused."""
        left = self._ends - self._clock()
        if left <= 0:
            self.refuse(Reason.TIMEOUT)
        return divmod(int(left + 0.999), 60) if left <= LAST_MINUTE else None
