"""Structured logs, built so that a secret cannot enter: a line is an event name and facts of fixed kinds.

A fact is an integer, a boolean, a word of ours (Enum, error code) or an origin. There is no call that takes free text,
no level that logs a request, and exceptions are logged by class and place, never by text.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import time
from pathlib import Path
from typing import Any

_LOG = logging.getLogger("card-bridge")
_ROTATE_BYTES = 1 << 20
_KEPT = 5
_MAX_WORD = 120


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": _stamp(record.created), "level": record.levelname, "event": record.msg, **_facts(record)}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["place"] = _place(record)
        return json.dumps(line, ensure_ascii=False)


def start(directory: Path, level: str) -> None:
    """Log to DIRECTORY/bridge.log, five old files of 1 MiB kept. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(
        directory / "bridge.log", maxBytes=_ROTATE_BYTES, backupCount=_KEPT, encoding="utf-8"
    )
    handler.setFormatter(_JsonLines())
    _LOG.handlers[:] = [handler]
    _LOG.propagate = False
    _LOG.setLevel(level)
    # Libraries may log requests, frames or exception texts: they are not ours to vouch for.
    logging.getLogger().handlers[:] = [logging.NullHandler()]
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def info(event: str, **facts: int | bool | str | None) -> None:
    _LOG.info(event, extra={"facts": facts})


def warning(event: str, **facts: int | bool | str | None) -> None:
    _LOG.warning(event, extra={"facts": facts})


def fault(event: str, error: BaseException) -> None:
    """A fault of ours: class and place of the exception, not its text."""
    _LOG.error(event, exc_info=error)


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts: dict[str, Any] = getattr(record, "facts", {})
    return {name: value[:_MAX_WORD] if isinstance(value, str) else value for name, value in facts.items()}


def _place(record: logging.LogRecord) -> str:
    traceback = record.exc_info[2] if record.exc_info else None
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return ""
    return f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"


def _stamp(created: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(created)) + f".{int(created % 1 * 1000):03d}Z"
