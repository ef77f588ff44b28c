"""What `card-bridge link` says, in Japanese and English."""

from __future__ import annotations

from typing import Final

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "about": (
        "ページの「card-bridge:」リンクでカードブリッジを起動できるようにします。リンクで渡された内容は使いません。",
        "Lets a page's card-bridge: link start Card Bridge. Whatever the link carries is ignored.",
    ),
    "help.install": ("リンクを登録し、登録結果を読み直します", "register the link and read the result back"),
    "help.status": ("リンクの登録状況を表示します", "say whether the link starts this bridge"),
    "help.uninstall": ("リンクの登録を取り消します", "take the link's registration away"),
    "installed": ("「card-bridge:」リンクでカードブリッジが起動します", "card-bridge: links start Card Bridge"),
    "absent": ("「card-bridge:」リンクは登録されていません", "card-bridge: links are not registered"),
    "foreign": (
        "「card-bridge:」リンクは別のプログラムに登録されています: {handler}",
        "card-bridge: links are registered for another program: {handler}",
    ),
    "everybody": (
        "「card-bridge:」リンクは、このパソコンの全員のために登録されています: {handler}",
        "card-bridge: links are registered for everyone on this computer: {handler}",
    ),
    "untried": (
        "この登録はAppleの資料に沿ったもので、Macの実機では確かめていません。"
        "リンクで起動しないときは、card-bridge runで起動してください。",
        "This registration follows Apple's documentation and has not been tried on a Mac. "
        "If a link starts nothing, start the bridge with card-bridge run.",
    ),
    "failed": ("登録を変更できませんでした: {reason}", "the registration could not be changed: {reason}"),
}


def text(language: str, key: str, **facts: object) -> str:
    japanese, english = _TEXTS[key]
    return (japanese if language == "ja" else english).format(**facts)
