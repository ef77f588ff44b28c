"""The dialogs' words: each a property, English, and made Japanese where Windows speaks it.

One MSI holds both: code page 932 has the letters of either.
"""

from __future__ import annotations

from typing import Final

from installer.wix import sql

CODE_PAGE: Final = 932
_JAPANESE: Final = 'LANGUAGE="ja" OR (UserLanguageID=1041 AND NOT LANGUAGE="en")'
_SET_PROPERTY: Final = 51
_BEFORE_LAUNCH_CONDITIONS: Final = 70
EVERYWHERE: Final = ("newer", "too_old")
"""Said without dialogs, too."""

_TEXTS: Final = {
    "title": ("Card Bridge のセットアップ", "Card Bridge Setup"),
    "welcome": ("Card Bridge をインストールします", "Install Card Bridge"),
    "what": (
        "電子入札のページから IC カードを使うためのプログラムです。このパソコンのどの利用者も使えるようになります。",
        "It lets pages of e-bidding use your IC card. Every user of this PC will be able to use it.",
    ),
    "certificate": (
        "このパソコンの中（localhost）だけで通用する証明書を作り、Windows に登録します。",
        "A certificate that counts on this PC alone (localhost) is made and registered in Windows.",
    ),
    "running": (
        "動いている Card Bridge は終了し、あとで起動し直します。PIN の回数は減りません。",
        "A Card Bridge that is running ends and is started again. No PIN try is spent.",
    ),
    "install": ("インストール(&I)", "&Install"),
    "cancel": ("キャンセル", "Cancel"),
    "wait": ("しばらくお待ちください", "Please wait"),
    "working": ("このパソコンの設定を変更しています。", "Your PC is being changed."),
    "done": ("完了しました", "Done"),
    "browsers": (
        "開いているブラウザーは、窓をすべて閉じてから開き直してください。それまでは Card Bridge とつながりません。",
        "Please close all windows of your browsers and open them again. Until then they cannot reach Card Bridge.",
    ),
    "icon": (
        "Card Bridge が動いている間は、画面右下の通知領域にカードのアイコンが出ます。",
        "While Card Bridge runs, its icon, a card, is in the notification area in the lower right corner.",
    ),
    "removed": ("Card Bridge を削除しました。", "Card Bridge was removed."),
    "start": ("Card Bridge を今すぐ起動する(&S)", "&Start Card Bridge now"),
    "finish": ("完了(&F)", "&Finish"),
    "failed": ("完了できませんでした", "Setup could not finish"),
    "as_before": (
        "パソコンは元の状態に戻しました。もう一度お試しください。同じことが続くときは、管理者に連絡してください。",
        "Your PC is as it was before. Please try again. If this goes on, tell your administrator.",
    ),
    "stopped": ("中止しました", "Setup was cancelled"),
    "unchanged": (
        "パソコンは元の状態のままです。もう一度始めるには、このファイルを開き直してください。",
        "Your PC is as it was before. To begin again, open this file once more.",
    ),
    "close": ("閉じる(&C)", "&Close"),
    "sure": ("セットアップを中止しますか？", "Do you want to cancel the setup?"),
    "yes": ("はい(&Y)", "&Yes"),
    "no": ("いいえ(&N)", "&No"),
    "installed": ("Card Bridge はインストール済みです", "Card Bridge is installed"),
    "choose": (
        "「修復」は、なくなったファイルや登録を元に戻します。「削除」をしても、記録と管理者の設定は残ります。",
        "Repair brings back files and entries that are missing. Remove leaves logs and what administrators set.",
    ),
    "repair": ("修復(&R)", "&Repair"),
    "remove": ("削除(&D)", "Re&move"),
    "newer": (
        "このパソコンには、より新しい Card Bridge が入っています。この版はインストールしませんでした。",
        "A newer version of Card Bridge is installed on this PC. This version was not installed.",
    ),
    "too_old": (
        "Card Bridge には、64 ビット版の Windows 10 以降が必要です。",
        "Card Bridge needs 64-bit Windows 10 or later.",
    ),
}  # fmt: skip


def said(key: str) -> str:
    """As a dialog names it: Windows Installer puts the words there."""
    return f"[{_property(key)}]"


def queries() -> list[str]:
    found = []
    for key, (japanese, english) in _TEXTS.items():
        action, name = f"Japanese_{key}", _property(key)
        found.append(sql.insert("Property", Property=name, Value=english))
        found.append(sql.insert("CustomAction", Action=action, Type=_SET_PROPERTY, Source=name, Target=japanese))
        sequences = ("InstallUISequence", *(["InstallExecuteSequence"] if key in EVERYWHERE else []))
        found += [
            sql.insert(sequence, Action=action, Condition=_JAPANESE, Sequence=_BEFORE_LAUNCH_CONDITIONS)
            for sequence in sequences
        ]
    return found


def _property(key: str) -> str:
    return f"Text_{key}"
