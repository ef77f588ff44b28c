"""Run on Wine: follows Windows' lock screen and says what it is told of it, a line each.

Each number on stdin is what Windows would tell our window (WM_WTSSESSION_CHANGE's wParam); its end ends the program.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import asyncio
import ctypes
from ctypes import wintypes

from bridge.lock_screen import watch
from bridge.lock_screen.windows import TITLE

_WM_WTSSESSION_CHANGE = 0x02B1
_user32 = ctypes.windll.user32
_user32.FindWindowW.restype = wintypes.HWND
_user32.SendMessageW.argtypes = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)


def say(line: str) -> None:
    print(line, flush=True)


async def main() -> None:
    following = asyncio.create_task(watch.follow(lambda: say("locked"), say))
    while line := await asyncio.to_thread(sys.stdin.readline):
        window = _user32.FindWindowW("Static", TITLE)
        assert window
        await asyncio.to_thread(_user32.SendMessageW, window, _WM_WTSSESSION_CHANGE, int(line), 0)
        say("told")
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert not _user32.FindWindowW("Static", TITLE)
    say("ended")


if __name__ == "__main__":
    asyncio.run(main())
