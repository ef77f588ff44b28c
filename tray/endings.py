"""The signals that quit the bridge as its menu does."""

from __future__ import annotations

import signal

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def endings() -> list[signal.Signals]:
    """Ctrl+C, the session's end, and the end of the terminal that it was started in, unless nohup(1) says otherwise.

    Windows has the first two, and may have no handler on an event loop.
    """
    found = [number for number in signal.Signals if number.name in _NAMES]
    return [number for number in found if not (number.name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN)]
