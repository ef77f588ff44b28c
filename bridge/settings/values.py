"""What a setting's value may be: the type of its default, and a rule where not every such value will do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from bridge.origin import is_acceptable
from bridge.settings import errors
from bridge.settings.errors import Words
from bridge.settings.sections import SECTIONS

MAX_CONTACT: Final = 200


class Range(NamedTuple):
    """Numbers from `low` to `high`; `or_zero`: 0 as well."""

    low: int
    high: int
    or_zero: bool = False

    def holds(self, value: Any) -> bool:
        return bool(self.low <= value <= self.high or (self.or_zero and value == 0))

    @property
    def expected(self) -> Words:
        ja, en = ("0または", "0 or ") if self.or_zero else ("", "")
        return Words(f"{ja}{self.low}〜{self.high}", f"{en}from {self.low} to {self.high}")


class Choice(NamedTuple):
    """One of these words."""

    words: tuple[str, ...]

    def holds(self, value: Any) -> bool:
        return value in self.words

    @property
    def expected(self) -> Words:
        *most, last = self.words
        return Words(f"{'、'.join(self.words)} のいずれか", f"{', '.join(most)} or {last}")


class Shape(NamedTuple):
    """Texts of a certain form."""

    fits: Callable[[Any], bool]
    expected: Words

    def holds(self, value: Any) -> bool:
        return self.fits(value)


def is_origin(text: str) -> bool:
    """By the rule that a page's own origin is held to: what is written otherwise could never match one."""
    return is_acceptable(text, development=True)


def is_address(text: str, schemes: tuple[str, ...] = ("http", "https")) -> bool:
    """Of a server, without a name or password of whoever asks: settings are for everybody to read."""
    try:
        parts = urlsplit(text)
        named = parts.hostname is not None and parts.port != 0
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set(' "<>\\^`{|}@#')
    return named and plain and parts.scheme in schemes


_OID: Final = re.compile(r"[0-2](\.(0|[1-9]\d{0,9})){2,20}")
_ORIGINS: Final = Shape(
    lambda items: all(map(is_origin, items)),
    Words("https://portal.example のようなオリジンの一覧", "a list of origins such as https://portal.example"),
)
_PROGRAM: Final = Shape(
    lambda items: not items or Path(items[0]).is_absolute(),
    Words("プログラムのフルパスとその引数", "the full path of a program, and its arguments"),
)
_LINE: Final = Shape(
    lambda text: len(text) <= MAX_CONTACT and text.replace("\u3000", " ").isprintable(),
    Words(f"{MAX_CONTACT}文字までの1行の文", f"one line of at most {MAX_CONTACT} characters"),
)
RULES: Final[dict[str, Range | Choice | Shape]] = {
    "bridge.port": Range(1024, 65535, or_zero=True),
    "bridge.language": Choice(("ja", "en", "auto")),
    "origins.allowed": _ORIGINS,
    "origins.silent": _ORIGINS,
    "origins.expired": _ORIGINS,
    "origins.raw": _ORIGINS,
    "card.modules": Shape(
        lambda items: all(item == "profiles" or Path(item).is_absolute() for item in items),
        Words('フルパスまたは "profiles" の一覧', 'a list of full paths, or the word "profiles"'),
    ),
    "card.host": _PROGRAM,
    "card.profiles": Shape(
        lambda folder: not folder or Path(folder).is_absolute(),
        Words("フォルダのフルパス", "the full path of a folder"),
    ),
    "card.host_deadline_seconds": Range(1, 600),
    "pin.stop_at": Range(1, 9),
    "pin.session_seconds": Range(0, 3600),
    "pin.window_seconds": Range(30, 600),
    "audit.days": Range(0, 36500),
    "timestamps.url": Shape(
        lambda text: not text or is_address(text),
        Words(
            "http:// または https:// で始まる、ユーザー名を含まないURL", "an http or https URL without a user's name"
        ),
    ),
    "timestamps.trust": Shape(
        lambda place: not place or Path(place).is_absolute(),
        Words("ファイルまたはフォルダのフルパス", "the full path of a file or folder"),
    ),
    "timestamps.policy": Shape(
        lambda text: not text or _OID.fullmatch(text) is not None,
        Words("1.2.392.… のようなOID", "an object identifier such as 1.2.392"),
    ),
    "timestamps.proxy": Shape(
        lambda text: not text or is_address(text, ("http",)),
        Words("http://proxy.example:8080 のようなURL", "a URL such as http://proxy.example:8080"),
    ),
    "timestamps.seconds": Range(5, 120),
    "contact.agency": _LINE,
    "contact.administrator": _LINE,
    "setup.portal": Shape(
        lambda origin: not origin or is_acceptable(origin, development=False),
        Words("https://practice.example のようなオリジン", "an origin such as https://practice.example"),
    ),
    "log.level": Choice(("DEBUG", "INFO", "WARNING", "ERROR")),
}
_TYPES: Final = {
    bool: Words("true または false", "true or false"),
    int: Words("整数", "an integer"),
    float: Words("数値", "a number"),
    str: Words("文字列", "a string"),
    tuple: Words("文字列の一覧", "a list of strings"),
}


def default_of(place: str, section: str, name: str) -> Any:
    """The default of a setting. Raises SettingsError where there is none of that name."""
    known = SECTIONS.get(section)
    if known is None:
        raise errors.unknown_section(place, section, ", ".join(SECTIONS))
    if name not in known._fields:
        raise errors.unknown_key(place, f"{section}.{name}", ", ".join(known._fields))
    return known._field_defaults[name]


def checked(place: str, key: str, value: Any) -> Any:
    """A value as TOML knows it, in the type of the default; lists of strings become tuples. Raises SettingsError."""
    default = default_of(place, *key.split(".", 1))
    typed = _typed(value, type(default))
    if typed is None:
        raise errors.wrong(place, key, _TYPES[type(default)])
    rule = RULES.get(key)
    if rule is not None and not rule.holds(typed):
        raise errors.wrong(place, key, rule.expected)
    return typed


def _typed(value: Any, wanted: type[Any]) -> Any | None:
    """None: not of this type. `true` is no integer here."""
    if wanted is tuple:
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return tuple(value) if fits else None
    if wanted is float and type(value) is int:
        return float(value)
    return value if type(value) is wanted else None
