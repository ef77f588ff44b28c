"""Where a command's signed documents are made, before they go where they were asked for: a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from pathlib import Path
from typing import Any, NamedTuple

from bridge.errors import DocumentNotKept, DocumentUnknown
from bridge.formats import files


class Scratch(NamedTuple):
    """A shelf and its one room (`formats.preparation`): the disk is the person's own, and nothing of it is counted."""

    folder: Path

    def room(self, origin: str, results: int) -> Scratch:
        return self

    def path(self, handle: str) -> Path:
        raise DocumentUnknown("nothing is uploaded here")

    def place(self, size: int) -> Path:
        return self.folder / secrets.token_hex(16)

    def weigh(self, made: Path) -> None:
        """Not counted."""

    def clear(self, made: Path) -> None:
        with contextlib.suppress(OSError):
            made.unlink(missing_ok=True)

    async def adopt(self, made: Path) -> dict[str, Any]:
        """`document` is the file's path. Raises DocumentNotKept."""
        try:
            return await asyncio.to_thread(files.told, str(made), made)
        except OSError as error:
            raise DocumentNotKept("a signed document cannot be read again") from error

    def close(self, *, keep: bool) -> None:
        """The folder goes with the command."""
