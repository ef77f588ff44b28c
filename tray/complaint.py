"""Why the bridge cannot start, said where its person sees it: the program with the icon has no console in Windows."""

from __future__ import annotations

import sys

_TITLE = "Card Bridge"


def say(text: str) -> None:
    """On standard error, or without one in a box that stays until it is closed."""
    if sys.platform == "win32" and sys.stderr is None:
        import ctypes

        warning, foreground = 0x30, 0x10000  # MB_ICONWARNING, MB_SETFOREGROUND
        ctypes.windll.user32.MessageBoxW(None, text, _TITLE, warning | foreground)
    else:
        print(f"card-bridge: {text}", file=sys.stderr)
