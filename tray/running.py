"""Whether a bridge of this person runs already."""

from __future__ import annotations

import sys
from pathlib import Path

if sys.platform == "win32":
    from tray import session_mutex

    def is_first(lock: Path) -> bool:
        """Whether no other bridge of this session holds this lock; from now on, until it ends, one does."""
        return session_mutex.take(lock)

else:
    from bridge.card.safety.seat import Seat
    from bridge.errors import Busy, CardFailed
    from tray.stop import told

    def is_first(lock: Path) -> bool:
        """Whether no other bridge of this user holds this lock; from now on, until it ends, this one does."""
        try:
            Seat(lock, lambda: told.leave_mark(lock)).take()
        except Busy:
            return False
        except CardFailed:
            return True  # a folder that cannot be written: the card host says so when a card is used
        return True
