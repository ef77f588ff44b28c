"""区分 of procurement: chosen on the first screen, and what a login is for where the agency registers by category."""

from __future__ import annotations

from typing import NamedTuple

from portal.refusals import Refused
from portal.registration.rules import Scope


class Division(NamedTuple):
    """One 区分: `name` in addresses and in the store, `label` on pages and in statements."""

    name: str
    label: str


DIVISIONS = (
    Division("works", "工事、コンサル"),
    Division("goods", "物品、役務"),
    Division("small", "少額物品、少額役務"),
)
_LABELS = {each.name: each.label for each in DIVISIONS}


def label(category: str) -> str:
    """The 区分 as people read it; empty for what belongs to none."""
    return _LABELS[category] if category else ""


def category(scope: Scope, name: str) -> str:
    """What a login for the 区分 of this name is kept under: the name where the agency registers by category, else ''.

    Raises Refused (division_required) where one is needed and there is none of this name.
    """
    if scope is Scope.AGENCY:
        return ""
    if name not in _LABELS:
        raise Refused("division_required")
    return name
