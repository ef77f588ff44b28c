"""What the window's answer sets off: written once, the PIN overwritten, the process ended."""

from __future__ import annotations

from typing import NoReturn

from tray.pin_window import process
from tray.pin_window.answer import Filled, Reason, write_cancel, write_ok, write_shown
from tray.pin_window.question import Question
from tray.pin_window.typed import TypedPin

_STDOUT = 1


class Prompt:
    """Told by the window, in its thread."""

    def __init__(self, question: Question, pin: TypedPin) -> None:
        self._question, self._pin = question, pin

    def shown(self) -> None:
        """The window is painted."""
        try:
            write_shown(_STDOUT)
        except OSError as error:
            self._host_gone(error)

    def agreed(self, filled: Filled) -> bool:
        """OK. Returns only for a reader with its own keys, where the window stays to say whose turn it is."""
        try:
            octets = self._pin.encoded()
            self._pin.wipe()
            write_ok(_STDOUT, octets, filled)
        except OSError as error:
            self._host_gone(error)
        if not self._question.pin_pad:
            process.leave(process.EXIT_ANSWERED)
        return True

    def refused(self, reason: Reason) -> NoReturn:
        """Cancelled or timed out."""
        self._pin.wipe()
        try:
            write_cancel(_STDOUT, reason)
        except OSError as error:
            self._host_gone(error)
        process.leave(process.EXIT_ANSWERED)

    def pad_given_up(self) -> NoReturn:
        """The host never ended the window after OK."""
        process.leave(process.EXIT_ANSWERED)

    def _host_gone(self, error: OSError) -> NoReturn:
        self._pin.wipe()
        process.leave(process.EXIT_HOST_GONE, f"nobody reads the answer: {error.strerror}")
