"""Certificates as the card host lists them, and which of them a page gets (pure)."""

from __future__ import annotations

from typing import Any


def selectable(item: dict[str, Any]) -> bool:
    """Whether it can sign now, or will once its card has shown it."""
    return bool(item.get("locked")) or item["state"] == "valid"


def key(item: dict[str, Any]) -> str:
    """What names it: the certificate's id, or the card of one that its card hides."""
    return str(item["card"] if item.get("locked") else item["id"])


def usable_first(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The usable certificates and those that the PIN will show; when there is none, all, so that a page can say why."""
    return [item for item in found if selectable(item)] or found


def purpose(item: dict[str, Any]) -> str:
    """What a card hides behind the PIN is for signatures: it says more of the holder than proving a presence needs."""
    return "sign" if item.get("locked") else str(item["purpose"])
