"""What the tray icon says and offers, in Japanese and English (pure; no toolkit)."""

from tray.menu.items import Actions, Item, items, name, sentence, title
from tray.menu.status import (
    Card,
    Certificate,
    Language,
    Signature,
    State,
    Status,
    Switch,
    Trouble,
    Unlocked,
)

__all__ = [
    "Actions",
    "Card",
    "Certificate",
    "Item",
    "Language",
    "Signature",
    "State",
    "Status",
    "Switch",
    "Trouble",
    "Unlocked",
    "items",
    "name",
    "sentence",
    "title",
]
