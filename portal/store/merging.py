"""What becomes of a form while what is in force changes under it: no change is lost or overwritten unseen. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from portal.store.rows import ChangeDraft


def begun(current: Mapping[str, str]) -> ChangeDraft:
    """A form prefilled with what is in force."""
    return ChangeDraft(dict(current), dict(current), {})


def merged(draft: ChangeDraft, current: Mapping[str, str]) -> ChangeDraft:
    """The draft over what is in force now.

    A field that the person left as it was takes the new value, one that they changed stays as typed; `moved` names both
    with the values that they had before.
    """
    base = {**current, **draft.base}
    form = {name: _taken(draft.form.get(name), base[name], value) for name, value in current.items()}
    first = {name: draft.moved.get(name, base[name]) for name in current}
    return ChangeDraft(dict(current), form, {name: old for name, old in first.items() if old != current[name]})


def _taken(typed: str | None, base: str, current: str) -> str:
    return current if typed is None or typed == base else typed
