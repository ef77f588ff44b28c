"""One setting, changed in a person's own file: every other line of it stays as it is."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path


class NotKept(Exception):
    """The file cannot be read or written, or is written in a way in which the setting cannot be changed safely."""


def keep(file: Path, key: str, value: str | bool) -> None:
    """Set `section.name`; the file is made where there is none. Raises NotKept, and leaves it as it is then."""
    place = file.resolve()  # a link is followed, not replaced
    try:
        text = place.read_text(encoding="utf-8") if place.exists() else ""
        fresh = place.with_name(place.name + ".new")
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_text(changed(text, key, value), encoding="utf-8")
        if place.exists():
            fresh.chmod(place.stat().st_mode & 0o777)
        fresh.replace(place)
    except (OSError, UnicodeDecodeError) as error:
        raise NotKept(f"{file}: {error}") from error


def may_keep(file: Path) -> bool:
    """Whether this person may write there; a file that is not there yet can be made."""
    return not file.exists() or os.access(file, os.W_OK)


def changed(text: str, key: str, value: str | bool) -> str:
    """A TOML text with that value; pure. Raises NotKept unless exactly that has changed in what it says."""
    section, _, name = key.partition(".")
    try:
        wanted = tomllib.loads(text)
        wanted.setdefault(section, {})[name] = value
        written = "\n".join(_lines(text.splitlines(), section, f"{name} = {json.dumps(value)}")) + "\n"
        if tomllib.loads(written) == wanted:
            return written
    except (tomllib.TOMLDecodeError, TypeError, AttributeError) as error:
        raise NotKept(f"{key}: {error}") from error
    raise NotKept(f"{key}: not written as a line of its own below [{section}]")


def _lines(lines: list[str], section: str, setting: str) -> list[str]:
    start = _find(lines, rf"\[\s*{section}\s*\]\s*(#.*)?$")
    if start is None:
        return [*lines, *([""] if lines else []), f"[{section}]", setting]
    body = lines[start + 1 :]
    end = _find(body, r"\[")
    name = setting.partition(" ")[0]
    at = _find(body[:end], rf"{name}\s*=")
    kept = body if at is None else body[:at] + body[at + 1 :]
    at = at or 0
    return [*lines[: start + 1], *kept[:at], setting, *kept[at:]]


def _find(lines: list[str], pattern: str) -> int | None:
    return next((number for number, line in enumerate(lines) if re.match(rf"\s*{pattern}", line)), None)
