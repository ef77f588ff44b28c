"""Where the practice cards lie and which of them is in their reader: what daemon and card host both need (stdlib only).

The reader is a directory. A card is in it while the file `inserted` exists; its content is a fresh random word per
insertion and the card's name, so that a card pulled and put back, or exchanged, is seen as such.
"""

from __future__ import annotations

import secrets
from pathlib import Path

READER = "練習用カードリーダー"
FIRST, RENEWAL = "card", "renewal"
"""The card that one begins with, and the one that takes its place (ICカード更新)."""


def insertion(directory: Path) -> str | None:
    """What names the present insertion, or None while the reader is empty."""
    try:
        return (directory / "inserted").read_text(encoding="ascii")
    except FileNotFoundError:
        return None


def inserted_card(insertion: str) -> str:
    """The name of the card of an insertion."""
    return insertion.partition(" ")[2] or FIRST


def insert(directory: Path, card: str = FIRST) -> None:
    """Puts a card in; the one that was there is out by it."""
    fresh = directory / "inserted.new"
    fresh.write_text(f"{secrets.token_hex(8)} {card}", encoding="ascii")
    fresh.replace(directory / "inserted")


def remove(directory: Path) -> None:
    (directory / "inserted").unlink(missing_ok=True)


def card_file(directory: Path, card: str = FIRST) -> Path:
    return directory / f"{card}.json"
