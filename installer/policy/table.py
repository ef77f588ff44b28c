"""The table of the bridge's settings: what the code knows of each, beside the words of bridge/settings/table.toml."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

from bridge import settings
from bridge.settings.errors import Words
from bridge.settings.values import RULES, Choice, Range

_FILE: Final = Path(settings.__file__).with_name("table.toml")
_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string", tuple: "list of strings"}

_LINK: Final = re.compile(r" \(\[[^]]*\]\([^)]*\)\)|\[(?P<text>[^]]*)\]\([^)]*\)")
"""One in brackets of its own goes altogether: it says no more than where to read on."""


class Setting(NamedTuple):
    section: str
    name: str
    default: Any
    title: Words
    meaning: Words
    """Markdown, as docs/settings.md has it."""
    words: dict[str, Words]
    """What each word of a Choice is called."""

    @property
    def key(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def machine_only(self) -> bool:
        return self.key in settings.MACHINE_ONLY

    @property
    def range(self) -> Range | None:
        rule = RULES.get(self.key)
        return rule if isinstance(rule, Range) else None

    @property
    def choice(self) -> Choice | None:
        rule = RULES.get(self.key)
        return rule if isinstance(rule, Choice) else None


class Section(NamedTuple):
    name: str
    title: Words
    settings: list[Setting]


def sections() -> list[Section]:
    """Every setting in the code's order. Raises KeyError or ValueError where words are missing or left over."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found = [_section(name, cls, table.pop(name)) for name, cls in settings.SECTIONS.items()]
    if table:
        raise ValueError(f"no such section: {', '.join(table)}")
    return found


def _section(name: str, cls: type[Any], words: dict[str, Any]) -> Section:
    title = Words(words.pop("ja"), words.pop("en"))
    entries = [_setting(name, field, cls._field_defaults[field], words.pop(field)) for field in cls._fields]
    if words:
        raise ValueError(f"no such setting in [{name}]: {', '.join(words)}")
    return Section(name, title, entries)


def _setting(section: str, name: str, default: Any, words: dict[str, Any]) -> Setting:
    called = {word: Words(**each) for word, each in words.pop("words", {}).items()}
    made = Setting(section, name, default, Words(**words.pop("name")), Words(words.pop("ja"), words.pop("en")), called)
    if words or set(called) != set(made.choice.words if made.choice else ()):
        raise ValueError(f"words of {made.key}: {', '.join(words) or 'those of its choice'}")
    return made


def markdown_rows() -> list[str]:
    """The rows of docs/settings.md, one a setting."""
    return [_row(each) for section in sections() for each in section.settings]


def _row(of: Setting) -> str:
    where = "machine" if of.machine_only else "any"
    return f"| `{of.key}` | {_TYPES[type(of.default)]} | `{json.dumps(of.default)}` | {where} | {of.meaning.en} |"


def plain(markdown: str) -> str:
    """Without links and marks for code, for where nobody sets type."""
    return _LINK.sub(lambda link: link["text"] or "", markdown).replace("`", "")
