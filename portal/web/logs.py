"""The portal's log: one JSON object a line on stderr, for whatever collects it there, or in a file."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path


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


class Rotated(WatchedFileHandler):
    """A file that is begun anew where another program moved it away (logrotate); its rights are ours and the umask's.

    A line that cannot be written there goes to stderr: a full disk ends no request, and loses as little as can be.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # opening it anew
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=_opened)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags, 0o640)


def beside(file: Path) -> Path:
    """The file of a portal for practice: not the real one's lines among its own."""
    return file.with_name(f"{file.stem}-practice{file.suffix}")


def start(file: Path | None = None, *, practice: bool = False) -> None:
    """Sends every record of level INFO and above to stderr, or into this file, as a line. Raises OSError."""
    if file is None:
        handler: logging.Handler = logging.StreamHandler()
    else:
        handler = Rotated(beside(file) if practice else file)
    handler.setFormatter(Line())
    logging.getLogger("asyncio").addFilter(Seldom())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
