"""The portal's log: one JSON object a line on stderr, for whatever collects it there."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class Line(logging.Formatter):
    """time, level, logger, event and the facts that the caller named."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__  # its text could quote what someone typed
        return json.dumps(line, ensure_ascii=False)


class Seldom(logging.Filter):
    """Lets the same text of the same level through once in so many seconds.

    asyncio tells of a connection that it cannot take (EMFILE) for each place of the listener's queue, once a second.
    """

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._last: tuple[object, float] = ((), 0.0)

    def filter(self, record: logging.LogRecord) -> bool:
        said, (before, then) = (record.levelno, record.msg), self._last
        if said == before and 0 <= record.created - then < self._seconds:
            return False
        self._last = (said, record.created)
        return True


def start() -> None:
    """Sends every record of level INFO and above to stderr as a line."""
    handler = logging.StreamHandler()
    handler.setFormatter(Line())
    logging.getLogger("asyncio").addFilter(Seldom())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
