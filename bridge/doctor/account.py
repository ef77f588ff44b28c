"""Account and folder names with characters that older card software of the authorities cannot handle."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bridge import settings as settings_module
from bridge.doctor.check import Check
from bridge.settings import Settings


def examine(loaded: Settings) -> Iterator[Check]:
    yield check([*paths(loaded)])


def paths(loaded: Settings) -> Iterator[str]:
    """What vendors' libraries meet in their own paths, and what ours does."""
    for path in (Path.home(), Path(tempfile.gettempdir()), settings_module.card_directory(loaded)):
        yield str(path)


def check(names: Sequence[str]) -> Check:
    """The paths themselves are not told: they hold the account's name."""
    if not all(map(_in_code_page, names)):
        return Check(
            "account",
            False,
            "アカウント名かフォルダーの場所に、Windowsの従来の文字コードにない文字があります。認証局のソフトが動かないことがあります。"
            "そのときは、半角英数字のアカウントを作って使ってください。",
            "The account or a folder is named with characters outside Windows' own code page: card software of the "
            "authorities may fail. In that case use an account named in plain letters.",
        )
    if not all(map(str.isascii, names)):
        return Check(
            "account",
            True,
            "アカウント名かフォルダーの場所に全角の文字があります。カードブリッジは使えます。認証局のソフトが動かないときは、"
            "半角英数字のアカウントで試してください",
            "the account or a folder is named in other than plain letters; the bridge copes. Should card software "
            "fail, try an account named in plain letters",
        )
    ja, en = "アカウント名とフォルダーの場所は半角文字だけです", "account and folders are named in plain letters"
    return Check("account", True, ja, en)


def _in_code_page(name: str) -> bool:
    """Whether programs that use Windows' ANSI functions can name this path."""
    try:
        name.encode("mbcs" if sys.platform == "win32" else "utf-8", "strict")
    except UnicodeEncodeError:
        return False
    return True
