"""Two versions of the same sections, line by line, as the confirmation of a change shows and signs them. Pure."""

from __future__ import annotations

from typing import Any

BEFORE, AFTER = "変更前", "変更後"


def compared(before: list[Any], after: list[Any]) -> list[Any]:
    """Every line of `after` in its order; one that differs holds [{変更前: …}, {変更後: …}] in place of its value."""
    return [
        {"label": new["label"], "value": [_line(*pair) for pair in zip(old["value"], new["value"], strict=True)]}
        for old, new in zip(before, after, strict=True)
    ]


def changed_labels(sections: list[Any]) -> list[tuple[str, str]]:
    """(section, line) of each line that differs, in order."""
    return [
        (section["label"], line["label"])
        for section in sections
        for line in section["value"]
        if not isinstance(line["value"], str)
    ]


def _line(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    if old == new:
        return new
    pair = [{"label": BEFORE, "value": old["value"]}, {"label": AFTER, "value": new["value"]}]
    return {"label": new["label"], "value": pair}
