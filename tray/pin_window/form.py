"""What keeps OK from working: the form of a PIN, of 担当者 and of the typed word (pure).

A PIN of impossible form would cost a try for nothing; a PIN in the field for names would end in a log. Nothing typed is
changed here: `half_width` and `upper_case` are what the window offers and the person accepts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable
from enum import Enum, auto

from tray.pin_window.question import Characters, PinRule


class Blocker(Enum):
    """Why OK does not work now."""

    WAIT = auto()
    """The window has the focus for less than its guard time."""
    INTERRUPTED = auto()
    """The focus went elsewhere, and with it the PIN."""
    PIN_EMPTY = auto()
    PIN_FULL_WIDTH = auto()
    PIN_LOWER_CASE = auto()
    PIN_CHARACTERS = auto()
    PIN_SHORT = auto()
    PIN_LONG = auto()
    WORD = auto()
    INSISTENCE = auto()
    PERSON_IS_PIN = auto()
    CHOICE = auto()


_ALLOWED: dict[Characters, Callable[[int], bool]] = {
    Characters.DIGITS: lambda code: 0x30 <= code <= 0x39,
    Characters.UPPER: lambda code: 0x30 <= code <= 0x39 or 0x41 <= code <= 0x5A,
    Characters.ALPHANUMERIC: lambda code: code < 0x80 and chr(code).isalnum(),
    Characters.ANY: lambda code: 0x20 < code < 0x7F,
}


def is_full_width(code: int) -> bool:
    """U+FF01–FF5E: the full-width forms of ASCII (Unicode, Halfwidth and Fullwidth Forms)."""
    return 0xFF01 <= code <= 0xFF5E


def half_width(code: int) -> int:
    return code - 0xFEE0 if is_full_width(code) else code


def upper_case(code: int) -> int:
    return code - 0x20 if 0x61 <= code <= 0x7A else code


def pin_blocker(pin: Collection[int], rule: PinRule) -> Blocker | None:
    """The first thing that is wrong with a PIN (code points), or None."""
    if not pin:
        return Blocker.PIN_EMPTY
    if any(is_full_width(code) for code in pin):
        return Blocker.PIN_FULL_WIDTH
    if not all(_ALLOWED[rule.characters](code) for code in pin):
        return _character_blocker(pin, rule)
    if len(pin) < rule.min:
        return Blocker.PIN_SHORT
    return Blocker.PIN_LONG if len(pin) > rule.max else None


def _character_blocker(pin: Collection[int], rule: PinRule) -> Blocker:
    if rule.characters is Characters.UPPER and all(_ALLOWED[rule.characters](upper_case(code)) for code in pin):
        return Blocker.PIN_LOWER_CASE
    return Blocker.PIN_CHARACTERS


def person_blocker(person: str, pin: Iterable[int], rule: PinRule | None) -> Blocker | None:
    """担当者 is refused if it holds the PIN or has its form, full-width or not."""
    codes = [half_width(ord(character)) for character in person.strip()]
    if not codes:
        return None
    fits = rule is not None and pin_blocker([_case(code, rule) for code in codes], rule) is None
    return Blocker.PERSON_IS_PIN if fits or _contains(codes, [half_width(code) for code in pin]) else None


def _case(code: int, rule: PinRule) -> int:
    return upper_case(code) if rule.characters is Characters.UPPER else code


def _contains(codes: list[int], pin: list[int]) -> bool:
    size = len(pin)
    return size > 0 and any(codes[start : start + size] == pin for start in range(len(codes) - size + 1))


def word_blocker(typed: str, wanted: str | None) -> Blocker | None:
    """The typed confirmation: width and case of letters do not matter, the word does."""
    return None if wanted is None or _plain(typed) == _plain(wanted) else Blocker.WORD


def insistence_blocker(typed: str, wanted: str | None) -> Blocker | None:
    """The word by which the same PIN is sent again may stay away, but not be half there."""
    return Blocker.INSISTENCE if _plain(typed) and word_blocker(typed, wanted) is not None else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
