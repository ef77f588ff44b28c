"""What `card-bridge stop` says."""

from __future__ import annotations

_TEXTS = {
    "ja": {
        "about": "動いているカードブリッジを終了します。開いている画面はキャンセルとして閉じ、PINの回数は減りません。",
        "ended": "カードブリッジは動いていません。",
        "runs": "カードブリッジがまだ終了していません。アイコンのメニューから終了してください。",
    },
    "en": {
        "about": "End the bridge that runs. Open windows close as by Cancel, and no PIN try is spent.",
        "ended": "No card bridge is running.",
        "runs": "The card bridge has not ended yet. Please quit it from its icon's menu, or try again in a moment.",
    },
}


def text(language: str, key: str) -> str:
    return _TEXTS[language][key]
