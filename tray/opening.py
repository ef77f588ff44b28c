"""Open a folder in the desktop's own file manager."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from bridge import logs


async def folder(path: Path) -> None:
    """A desktop that has nothing to open it with is logged: the folder's place stands in the settings."""
    try:
        await _open(path)
    except OSError as error:
        logs.fault("folder_not_opened", error)


if sys.platform == "win32":

    async def _open(path: Path) -> None:
        await asyncio.to_thread(os.startfile, path)

else:
    _PROGRAM = "/usr/bin/open" if sys.platform == "darwin" else "xdg-open"

    async def _open(path: Path) -> None:
        """xdg-open may stay as long as the file manager does."""
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(_PROGRAM, str(path), stdin=quiet, stdout=quiet, stderr=quiet)
        if await process.wait():
            logs.warning("folder_not_opened", status=process.returncode or 0)
