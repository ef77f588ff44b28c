"""Run on Wine: follows Windows' lock screen, sleep and log-off, and says what it is told of them, a line each.

Each line on stdin is what Windows would tell our window, a message and its wParam; its end ends the program.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import asyncio
import ctypes
from ctypes import wintypes

from bridge.lock_screen import watch
from bridge.lock_screen.windows import TITLE

_user32 = ctypes.windll.user32
_user32.FindWindowW.restype = wintypes.HWND
_user32.SendMessageW.argtypes = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)


def say(line: str) -> None:
    print(line, flush=True)


async def main() -> None:
    async def sleeping() -> None:
        await asyncio.sleep(0.2)  # Windows waits for it
        say("logged out")

    told = watch.Told(say, lambda: say("locked"), sleeping, lambda: say("woken"), lambda: say("ending"))
    following = asyncio.create_task(watch.follow(told))
    while line := await asyncio.to_thread(sys.stdin.readline):
        window = _user32.FindWindowW("Static", TITLE)
        assert window
        await asyncio.to_thread(_user32.SendMessageW, window, *map(int, line.split()), 0)
        say("told")
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert not _user32.FindWindowW("Static", TITLE)
    say("ended")


if __name__ == "__main__":
    asyncio.run(main())
