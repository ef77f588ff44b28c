"""Run on Wine by a program without a console: the console window of each program that the bridge starts, into a file.

`pythonw windows_console.py FILE`: a line each for one started without care, the PIN window, the consent window and the
card host (twice); 0 is none. All are one program of a console's kind, as a card host of an administrator's may be.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path

from bridge.card.asking.window import Window
from bridge.card.client import HostClient
from bridge.consent.window import ConsentWindow
from bridge.errors import BridgeError

_TOLD = "import ctypes, sys; print(ctypes.windll.kernel32.GetConsoleWindow() or 0, file=open(sys.argv[1], 'a'))"


async def main(file: str) -> None:
    command = (str(Path(sys.executable).with_name("python.exe")), "-I", "-c", _TOLD, file)
    await asyncio.to_thread(subprocess.run, command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    with contextlib.suppress(BridgeError):
        await asyncio.to_thread(Window(command, lambda turn: None).ask, {"kind": "consent"})
    await ConsentWindow(command, "en")("https://portal.example")
    host = HostClient(None, 10, 10, lambda event: None, command=command)
    with contextlib.suppress(BridgeError):
        await host.call("certificates", {})
    await host.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
