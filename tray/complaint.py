"""Why the bridge cannot start, said where its person sees it: the program with the icon has no console in Windows."""

from __future__ import annotations

import sys
from typing import Final

_TITLE: Final = {"ja": "カードブリッジ", "en": "Card Bridge"}
_BOX: Final = {
    "ja": "カードブリッジを起動できません。\n\n{text}\n\nこの画面を、パソコンの管理者に見せてください。",
    "en": "The card bridge cannot start.\n\n{text}\n\nShow this to whoever looks after your PC.",
}


def say(text: str, language: str) -> None:
    """On standard error, or without one in a box that stays until it is closed. `language`: ja or en, of the box."""
    if sys.platform == "win32" and sys.stderr is None:
        import ctypes

        warning, foreground = 0x30, 0x10000  # MB_ICONWARNING, MB_SETFOREGROUND
        box = _BOX[language].format(text=text)
        ctypes.windll.user32.MessageBoxW(None, box, _TITLE[language], warning | foreground)
    else:
        print(f"card-bridge: {text}", file=sys.stderr)
