"""The guide for bidders quotes what people see: each 「…」 stands in a window, a page or the client just so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/user-guide.ja.md"
WRITTEN = (
    "bridge/card/**/*.py",
    "tray/**/*.py",
    "installer/wix/ui/texts.py",
    "portal/**/*.toml",
    "portal/web/templates/*.html",
    "portal/web/static/*.js",
    "client/*.js",
)
OTHERS = {
    *("カードブリッジ", "このデバイス上のアプリ", "許可", "OK"),  # the program's name, and what browsers call it
    *("設定", "アプリ", "アンインストール"),  # Windows' own
    *("Card Bridge", "", "要対応", "正常"),
}


def quoted() -> list[str]:
    return sorted(set(re.findall("「([^」]*)」", GUIDE.read_text(encoding="utf-8"))) - OTHERS)


def source() -> str:
    files = (path for pattern in WRITTEN for path in ROOT.glob(pattern))
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r"\(&\w\)|</?\w[^>]*>|\"\s*\"", "", text)


SOURCE = source()


def test_enough_is_quoted() -> None:
    assert len(quoted()) > 25


@pytest.mark.parametrize("words", quoted())
def test_the_guide_quotes_what_is_shown(words: str) -> None:
    assert words in SOURCE
