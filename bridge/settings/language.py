"""The language of what a person sees."""

from __future__ import annotations

import os
import sys

from bridge.settings.sections import Settings


def language(settings: Settings | None = None, system: str | None = None) -> str:
    """ja or en; Japanese unless the operating system speaks another language.

    `settings`: None where they cannot be used.
    """
    if settings is not None and settings.bridge.language != "auto":
        return settings.bridge.language
    spoken = (system if system is not None else _system_language()).lower()
    return "ja" if not spoken or spoken.startswith(("ja", "c", "posix")) else "en"


def _system_language() -> str:
    if sys.platform == "win32":
        import ctypes
        import locale

        spoken = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    else:
        # POSIX.1-2017 §8.2: the first of these that is set decides.
        spoken = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return spoken
