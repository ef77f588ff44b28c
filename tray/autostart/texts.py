"""What `card-bridge autostart` says, in Japanese and English."""

from __future__ import annotations

from typing import Final

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "about": (
        "サインインしたときにカードブリッジを自動で起動するかどうかを、この利用者について切り替えます。",
        "Whether the bridge starts when you log on: your own choice, for you alone.",
    ),
    "help.on": ("自動で起動するようにします", "start it at log-on"),
    "help.off": ("自動で起動しないようにします", "do not start it at log-on"),
    "help.status": ("今の設定を表示します", "say what is set"),
    "on": (
        "サインインすると、カードブリッジが自動で起動します。（{place}）",
        "The bridge starts when you log on. ({place})",
    ),
    "everybody": (
        "サインインすると、カードブリッジが自動で起動します。このパソコンの全員のための設定です。（{place}）",
        "The bridge starts when you log on, as it does for everyone on this computer. ({place})",
    ),
    "off": (
        "サインインしても、カードブリッジは自動では起動しません。使う前に起動してください。",
        "The bridge does not start when you log on. Start it before you use it.",
    ),
    "forbidden": (
        "このパソコンのポリシーのため、サインインしても自動では起動しません。使う前に起動してください。（{place}）",
        "A policy of this computer keeps it from starting when you log on. Start it before you use it. ({place})",
    ),
    "not_yours": (
        "このパソコンの全員のための設定なので、ここでは切れません。パソコンの管理者に相談してください。",
        "That is set for everyone on this computer and cannot be switched off here. Ask its administrator.",
    ),
    "untried": (
        "この設定はAppleの資料に沿ったもので、Macの実機では確かめていません。",
        "This follows Apple's documentation and has not been tried on a Mac.",
    ),
    "failed": ("設定を変更できませんでした: {reason}", "it could not be changed: {reason}"),
}


def text(language: str, key: str, **facts: object) -> str:
    japanese, english = _TEXTS[key]
    return (japanese if language == "ja" else english).format(**facts)
