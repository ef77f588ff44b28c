"""Why the bridge cannot start, said where its person sees it: the program with the icon has no console in Windows."""

from __future__ import annotations

import sys
from typing import Final

from bridge import settings
from bridge.explain import callers
from bridge.explain.callers import Who
from bridge.settings import Settings

_TITLE: Final = {"ja": "カードブリッジ", "en": "Card Bridge"}
_NO_PORT: Final = {
    "ja": "使えるポートがありません。どのプログラムが使っているかは「card-bridge doctor」で分かります。（{}）",
    "en": "{}; see 'card-bridge doctor'",
}
_BOX: Final = {
    "ja": "カードブリッジを起動できません。\n\n{text}\n\nこの画面を、パソコンの管理者に見せてください。{reached}",
    "en": "The card bridge cannot start.\n\n{text}\n\nShow this to whoever looks after your PC.{reached}",
}


def no_port(error: Exception, loaded: Settings) -> None:
    """Every port is taken: by whom, the doctor tells."""
    language = settings.language(loaded)
    say(_NO_PORT[language].format(error), language, administrator(loaded))


def administrator(loaded: Settings) -> str:
    """The line on where the PC's administrator is reached; empty where the settings say nothing of it."""
    return callers.line(Who.ADMINISTRATOR, loaded.contact, settings.language(loaded))


def say(text: str, language: str, reached: str = "") -> None:
    """On standard error, or without one in a box that stays until it is closed.

    `language`: ja or en, of the box. `reached`: a line on where the PC's administrator is reached, if that is known.
    """
    below = f"\n{reached}" if reached else ""
    if sys.platform == "win32" and sys.stderr is None:
        import ctypes

        warning, foreground = 0x30, 0x10000  # MB_ICONWARNING, MB_SETFOREGROUND
        box = _BOX[language].format(text=text, reached=below)
        ctypes.windll.user32.MessageBoxW(None, box, _TITLE[language], warning | foreground)
    else:
        print(f"card-bridge: {text}{below}", file=sys.stderr)
