"""The table of screens: what stands on each, in its order, and where it is changed on purpose, why.

One file for each group of screens. Headings, labels, buttons and links are complete. What stands there as a string is
the procedure's; {own, reason} is ours, and a screen that the procedure does not show has the reason in its `own`.
Notes are the procedure's sentences in the page's order: as they are, or {procedure, page, reason} where the page says
it otherwise (an empty `page`: not at all). A field has the kind of value it takes (`of`) and its `limit` in characters;
one without is held to another field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

_GROUPS: Final = ("entrance", "registration", "change", "renewal")


class Change(NamedTuple):
    """The procedure's words, the page's in their place, and why."""

    procedure: str
    page: str
    reason: str


class Field(NamedTuple):
    """A field by its name in the form; `hint` are the words beside it, `exact` says that `limit` is the length."""

    name: str
    hint: str
    of: str
    limit: int | None = None
    exact: bool = False
    reason: str = ""


class Part(NamedTuple):
    """A heading, and the labels that follow it."""

    heading: str
    labels: tuple[str, ...]


class Screen(NamedTuple):
    """One screen; `said` is what it says of the notes, in order, `reasons` are for what the procedure does not have."""

    name: str
    parts: tuple[Part, ...]
    buttons: tuple[str, ...]
    links: tuple[str, ...]
    fields: tuple[Field, ...]
    said: tuple[str, ...]
    changes: tuple[Change, ...]
    reasons: tuple[str, ...]


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def _screen(
    *,
    name: str,
    buttons: list[Any],
    notes: list[Any],
    part: Iterable[dict[str, Any]] = (),
    links: Iterable[str] = (),
    fields: Iterable[dict[str, Any]] = (),
    own: str | None = None,
) -> Screen:
    parts = [_part(**each) for each in part]
    entries = [*(each for _, reasoned in parts for each in reasoned), *buttons]
    return Screen(
        name,
        tuple(each for each, _ in parts),
        tuple(_words(each) for each in buttons),
        tuple(links),
        tuple(Field(**each) for each in fields),
        tuple(each if isinstance(each, str) else each["page"] for each in notes),
        tuple(Change(**each) for each in notes if not isinstance(each, str)),
        tuple(each["reason"] for each in entries if not isinstance(each, str)) + ((own,) if own is not None else ()),
    )


def _part(*, heading: Any, labels: Iterable[Any] = ()) -> tuple[Part, list[Any]]:
    labels = list(labels)
    return Part(_words(heading), tuple(_words(each) for each in labels)), [heading, *labels]


def _words(entry: Any) -> str:
    return str(entry if isinstance(entry, str) else entry["own"])


def _screens() -> dict[str, Screen]:
    rows = [row for group in _GROUPS for row in _load(group)["screen"]]
    given = {row["name"]: row.get("fields", ()) for row in rows}
    if len(given) < len(rows):
        raise ValueError("a screen stands twice in the table")
    return {row["name"]: _screen(**_with_fields(row, given)) for row in rows}


def _with_fields(row: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """`fields_of` names the screen that has the same."""
    other = row.pop("fields_of", row["name"])
    return {**row, "fields": given[other]}


SCREENS: Final = _screens()
"""By name, in the procedure's order."""

EVERYWHERE: Final = tuple(Change(**row) for row in _load("everywhere")["changed"])
"""The procedure's words that stand on no screen, and what stands in their place on one at least."""

WINDOW: Final = "PIN番号入力ダイアログ"
"""The one screen that is not a page."""
