"""Pictures of the PIN window in its states: `python -m tests.desktop.screenshots DIR [NAME…]`."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from portal.renewal import payloads
from tests.desktop import signed, wine
from tests.desktop.display import Environment, display, find_window, paste_text, screenshot, type_text
from tests.desktop.questions import BASE, choosing, question
from tests.desktop.window import OWN, System

_UNLOCK_EN = "With your CA's card tool and its unlock PIN."
_UNLOCK_JA = "認証局のICカード管理ソフトで、解除用のPIN番号を使います。"
_LAST = {"hint": "last", "count": 1, "max": 3, "source": "card"}
_UNKNOWN = {"hint": "unknown", "count": None, "max": None, "source": "profile"}
_EN: dict[str, Any] = {"language": "en", "content": signed.registration("en")}
_BID = [
    {"label": f"内訳 {n}", "value": f"{n * 1_250_000:,} 円 " + "（消費税を含まない）" * (n % 4)} for n in range(1, 41)
]
_LONG = signed.listed("bid", {"sections": [{"label": "入札書", "value": _BID}]})
_HANDOVER: dict[str, Any] = {"action": payloads.HANDOVER_ACTION, "content": signed.handover()}
_AWKWARD = {
    "sections": [
        {"label": "入\u202e札書", "value": "北東組\n株式会社"},
        {"label": "備考", "value": "とても長い" * 400},
    ],
    "amount": "\u05d0\u05d1 12,500",
    "blank": "a\u3164b\u200bc",
}


def _document(name: str, size: int | None, *, raw: bool = False) -> dict[str, Any]:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return {"name": name, "size": size, "hash": "SHA-256", "digest": digest, "raw": raw}


_RAW = {
    "type": "documents",
    "documents": [_document("contract.bin", 4096, raw=True), _document("hash.bin", None, raw=True)],
}
_UNNUMBERED: dict[str, Any] = {"confirmation": None}
_DOCUMENTS = {
    "type": "documents",
    "documents": [
        _document("内訳書.pdf", 184_223),
        _document("技術資料_最終版.xlsx", 2_901_144),
        _document("入\u200b札書.txt", 12),
    ],
}
_SOON = {**BASE["certificate"], "expiry": "2026/12/24", "days": 30}
_LAST_JA: dict[str, Any] = {"tries": _LAST, "failures": 2, "typed": "承知しました", "unlock": _UNLOCK_JA}
_LAST_EN: dict[str, Any] = {**_EN, "tries": _LAST, "failures": 2, "typed": "LAST", "unlock": _UNLOCK_EN}
_TWO = {**_LAST, "hint": "low", "count": 2}
_SAME_JA: dict[str, Any] = {"notice": "same_pin", "tries": _TWO, "insistence": "もう一度送る"}
_SAME_EN: dict[str, Any] = {**_EN, "notice": "same_pin", "tries": _TWO, "insistence": "SEND AGAIN"}
_LETTERS = {"min": 6, "max": 16, "characters": "alphanumeric-upper"}
_TWICE = {"QT_SCALE_FACTOR": "2"}


class Picture(NamedTuple):
    name: str
    changes: dict[str, Any]
    typed: str = ""
    env: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default, never changed
    size: str = "1280x1024"


_HIDDEN: dict[str, Any] = {
    "action": "証明書の読み取り",
    "confirmation": None,
    "certificate": None,
    "content": None,
    "card": {"reader": "ICカードリーダー 00 00", "label": "マイナンバーカード（署名用）", "profile": "jpki-sign"},
    "tries": {"hint": "many", "count": 5, "max": 5, "source": "card"},
    "pin": _LETTERS,
}

PICTURES = (
    Picture("pin-ja", {}, "1234"),
    Picture("pin-empty-ja", {}),
    Picture("pin-en", _EN, "1234"),
    Picture("hidden-ja", _HIDDEN, "abc123"),
    Picture("wrong-ja", {"notice": "pin_wrong", "failures": 1, "tries": {**_LAST, "hint": "low", "count": 2}}, "12"),
    Picture("same-pin-ja", _SAME_JA, "1234"),
    Picture("same-pin-en", _SAME_EN, "1234\tSEN"),
    Picture("last-try-ja", {**_LAST_JA, "notice": "pin_wrong"}, "1234"),
    Picture("last-try-en", _LAST_EN, "1234"),
    Picture("unknown-ja", {"tries": _UNKNOWN, "failures": 1, "pin": _LETTERS}, "abc123"),
    Picture("unknown-en", {**_EN, "tries": _UNKNOWN, "failures": 1}, "12a"),
    Picture("unknown-last-ja", {"tries": _UNKNOWN, "failures": 2, "typed": "承知しました"}, "1234"),
    Picture("full-width-ja", {}, "１２３４"),
    Picture("confirm-ja", {"kind": "confirm", "pin": None, "tries": None}),
    Picture("confirm-en", {**_EN, "kind": "confirm", "pin": None, "tries": None}),
    Picture("choice-ja", choosing()),
    Picture("choice-en", choosing(language="en"), " "),
    Picture("expiring-ja", {"certificate": _SOON}, "1234"),
    Picture("expiring-en", {**_EN, "certificate": _SOON}, "1234"),
    Picture("scale-200-choice-ja", choosing(), " ", _TWICE, "2560x1600"),
    Picture("handover-ja", _HANDOVER, "1234"),
    Picture("handover-en", {**_EN, **_HANDOVER, "content": signed.handover("en")}, "1234"),
    Picture("unknown-payload-ja", {"action": "入札", "content": signed.unknown()}, "1234"),
    Picture("unknown-payload-en", {**_EN, "action": "入札", "content": signed.unknown("en")}, "1234"),
    Picture("awkward-ja", {"action": "入札", "content": signed.listed("bid", _AWKWARD)}, "1234"),
    Picture("long-ja", {"content": _LONG}, "1234"),
    Picture("documents-ja", {**_UNNUMBERED, "content": _DOCUMENTS, "action": "入札書類の提出"}, "1234"),
    Picture("documents-raw-ja", {**_UNNUMBERED, "content": _RAW, "action": "入札書類の提出"}, "1234"),
    Picture("documents-en", {**_EN, **_UNNUMBERED, "content": _DOCUMENTS, "action": "Submit tender"}, "1234"),
    Picture("documents-raw-en", {**_EN, **_UNNUMBERED, "content": _RAW, "action": "Submit tender"}, "1234"),
    Picture("pinpad-ja", {"pinPad": True, "pin": None}),
    Picture("pinpad-en", {**_EN, "pinPad": True, "pin": None}),
    Picture("last-minute-ja", {"timeoutSeconds": 45}, "1234"),
    Picture("person-ja", {}, "1234\t1234"),
    Picture("scale-200-ja", {}, "1234", _TWICE),
    Picture("scale-200-last-try-ja", _LAST_JA, "1234", _TWICE),
    Picture("scale-200-large-en", _EN, "1234", _TWICE, "2560x1600"),
    Picture("small-screen-ja", {}, "1234", {}, "1024x600"),
)


ON_WINDOWS = (
    *("pin-ja", "pin-en", "last-try-ja", "same-pin-en", "full-width-ja", "pinpad-ja", "confirm-ja"),
    *("last-minute-ja", "documents-ja", "small-screen-ja", "choice-ja"),
)
"""Pictured on Windows too, as windows-NAME."""


def take(system: System, picture: Picture, path: Path, *, whole: bool = True) -> None:
    """Open the window, type, wait a moment, and picture the screen, or the window alone."""
    env = system.env
    with subprocess.Popen(
        system.command,
        env=env | picture.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as window:
        if window.stdin is None or window.stdout is None:
            raise RuntimeError("no pipes")
        window.stdin.write(question(**picture.changes))
        window.stdin.flush()
        window.stdout.readline()
        time.sleep(1.5)
        if picture.typed.isascii():
            type_text(env, picture.typed)
        else:
            paste_text(env, picture.typed)
        time.sleep(0.4)
        screenshot(env, path, "root" if whole else find_window(env, "PIN|署名の確認|証明書の選択|Confirm"))


def main(directory: Path, names: list[str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    wanted = [picture for picture in PICTURES if not names or picture.name in names]
    on_windows = [picture for picture in PICTURES if picture.name in ON_WINDOWS]
    on_windows = [picture for picture in on_windows if not names or f"windows-{picture.name}" in names]
    with tempfile.TemporaryDirectory() as home:
        for size in sorted({picture.size for picture in (*wanted, *on_windows)}):
            with display(size) as env:
                for picture in (each for each in wanted if each.size == size):
                    take(System(env, OWN), picture, directory / f"{picture.name}.png")
                _take_on_windows(env, Path(home), [each for each in on_windows if each.size == size], directory)


def _take_on_windows(screen: Environment, home: Path, pictures: list[Picture], directory: Path) -> None:
    if pictures:
        with wine.windows(screen, home) as env:
            for picture in pictures:
                path = directory / f"windows-{picture.name}.png"
                take(System(env, wine.COMMAND), picture, path, whole=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
