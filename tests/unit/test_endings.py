"""Which signals quit the bridge."""

from __future__ import annotations

import signal
from signal import Signals

from tray.endings import endings


def test_nohup_is_heeded() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        assert set(endings()) == {Signals.SIGINT, Signals.SIGTERM, Signals.SIGHUP}
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert set(endings()) == {Signals.SIGINT, Signals.SIGTERM}
    finally:
        signal.signal(signal.SIGHUP, before)
