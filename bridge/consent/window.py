"""The consent window as a process of its own: one JSON line in, `{"event":"shown"}` and one JSON line out.

docs/protocol.md, The consent window's pipe. The window ends when its stdin ends: a killed daemon leaves no orphan.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence

from bridge import logs
from bridge.card.process.child_environment import NO_CONSOLE, inherited
from bridge.consent.asking import Verdict

OWN_WINDOW = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "tray.consent_window")
SECONDS = 120
"""How long the window waits for the person, who can have the same time again; it closes by itself then."""
_LONGEST_SECONDS = 900.0
"""A window that hangs is ended after this."""
_END_SECONDS = 5.0
_MAX_LINE = 4096


class ConsentWindow:
    """Called with an origin, shows the window about it."""

    def __init__(self, command: Sequence[str], language: str) -> None:
        self._command = tuple(command) or OWN_WINDOW
        self.language = language
        """ja or en, of the next window."""

    async def __call__(self, origin: str) -> Verdict:
        """The answer; a window that did not come up, or ended without one, is UNASKED."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_MAX_LINE,
                env=inherited(),
                creationflags=NO_CONSOLE,
            )
        except OSError as error:
            logs.fault("consent_window_failed", error)
            return Verdict.UNASKED
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                return await self._converse(process, origin)
        except (TimeoutError, ConnectionError, ValueError) as error:
            # ValueError: not JSON, or a line over the limit (asyncio.LimitOverrunError comes as one from readline).
            logs.fault("consent_window_failed", error)
            return Verdict.UNASKED
        finally:
            await _end(process)

    async def _converse(self, process: asyncio.subprocess.Process, origin: str) -> Verdict:
        if process.stdin is None or process.stdout is None:
            raise ConnectionError("no pipes")
        question = {"v": 1, "language": self.language, "origin": origin, "timeoutSeconds": SECONDS}
        process.stdin.write(json.dumps(question).encode() + b"\n")
        await process.stdin.drain()
        while line := await process.stdout.readline():
            if (verdict := _verdict(json.loads(line))) is not None:
                return verdict
        logs.warning("consent_window_ended")
        return Verdict.UNASKED


def _verdict(message: object) -> Verdict | None:
    """None: the message is no answer. Raises ValueError for an answer that is none of ours."""
    match message:
        case {"answer": "remember" | "once" | "no" as word, **rest} if not rest:
            return Verdict(word)
        case {"event": "shown"}:
            return None
    raise ValueError("not an answer")


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    with contextlib.suppress(TimeoutError):
        # Reads what it still said: asyncio calls a child ended once its pipes are, and a full one would never be.
        await asyncio.wait_for(process.communicate(), _END_SECONDS)
