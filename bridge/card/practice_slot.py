"""Where the practice card lies and whether it is in its reader: what daemon and card host both need (stdlib only).

The reader is a directory. The card is in it while the file `inserted` exists; its content is a fresh random word per
insertion, so that a card pulled and put back is seen as such.
"""

from __future__ import annotations

import secrets
from pathlib import Path

READER = "練習用カードリーダー"


def insertion(directory: Path) -> str | None:
    """The word of the present insertion, or None while the reader is empty."""
    try:
        return (directory / "inserted").read_text(encoding="ascii")
    except FileNotFoundError:
        return None


def insert(directory: Path) -> None:
    fresh = directory / "inserted.new"
    fresh.write_text(secrets.token_hex(8), encoding="ascii")
    fresh.replace(directory / "inserted")


def remove(directory: Path) -> None:
    (directory / "inserted").unlink(missing_ok=True)


def card_file(directory: Path) -> Path:
    return directory / "card.json"
