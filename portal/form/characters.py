"""Which characters may stand in a value: JIS X 0208 plus half-width Roman, and the narrower kinds. Pure.

A fault says what to do, beginning with the particle that follows a field's label, and offers a corrected value if that
is itself without fault.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from portal.form import variants

# The forms that Windows and other mappings give to characters of JIS X 0208.
_FOLD = str.maketrans("－～∥￠￡￢—", "−〜‖¢£¬―")
_SHOWN = 5  # offending characters that a message names
_PHONE = re.compile(r"[0-9]+-[0-9]+-[0-9]+")
_POSTAL = re.compile(r"[0-9]{3}-[0-9]{4}")
_CODE = re.compile(r"[0-9A-Za-z]+")
_CODE_RULE = "は半角英数字で入力してください。"
_DIGITS = re.compile(r"[0-9]+")
_MAIL = re.compile(r"[0-9A-Za-z!#$%&'*+/=?^_`{|}~.-]{1,64}@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－ｰ", "-"))


class Fault(NamedTuple):
    """What is wrong with a value, as the rest of a sentence after the label; a corrected value, if there is one."""

    message: str
    suggestion: str | None = None


def fault(kind: str, value: str) -> Fault | None:
    """The first fault of a value that is not empty; `kind` is text, code, secret, digits, phone, postal or mail."""
    return _RULES[kind](value)


def outside(value: str) -> str:
    """The characters that are neither in JIS X 0208 nor half-width Roman, each once, in order."""
    return "".join(dict.fromkeys(character for character in value if not _inside(character)))


def _inside(character: str) -> bool:
    if _invisible(character):
        return False
    try:
        character.translate(_FOLD).encode("iso2022_jp")
    except UnicodeEncodeError:
        return False
    return True


def _invisible(character: str) -> bool:
    """Line breaks, escapes, bidi marks, and the selectors that choose a character's shape (Unicode §23.4)."""
    selects = unicodedata.name(character, "").startswith("VARIATION SELECTOR")
    return selects or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")


def _text(value: str) -> Fault | None:
    found = outside(value)
    if not found:
        return None
    shown = "、".join(dict.fromkeys(_shown(c) for c in found[:_SHOWN]))
    return Fault(f"に指定可能な文字以外({shown})があります。別の文字で入力してください。", _inside_form(value))


def _shown(character: str) -> str:
    return f"「{character}」" if character.isprintable() and not _invisible(character) else "目に見えない文字"


def _inside_form(value: str) -> str | None:
    replaced = "".join(_replacement(c) for c in unicodedata.normalize("NFC", value))
    # Half-width kana with their separate sound marks become one character.
    joined = unicodedata.normalize("NFC", replaced.replace("ﾞ", "\u3099").replace("ﾟ", "\u309a"))
    return joined if joined and not outside(joined) else None


def _replacement(character: str) -> str:
    if _inside(character) or character in "ﾞﾟ":
        return character
    if _invisible(character):
        return ""
    if unicodedata.category(character) == "Zs":
        return " "
    return variants.INSIDE.get(character) or _plain(unicodedata.normalize("NFKC", character))


def _plain(text: str) -> str:
    """Without the marks on Latin letters (é → e), which JIS X 0208 does not have."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare if bare.isascii() else text


def _phone(value: str) -> Fault | None:
    rule = "は半角数字とハイフンで、03-0000-0000のように3つに区切って入力してください。"
    return _pattern(_PHONE, rule, value, _half_width)


def _postal(value: str) -> Fault | None:
    return _pattern(_POSTAL, "は半角で、123-4567のように入力してください。", value, _postal_form)


def _code(value: str) -> Fault | None:
    return _pattern(_CODE, _CODE_RULE, value, _bare)


def _secret(value: str) -> Fault | None:
    """A code of which nothing may be shown again: nothing is offered."""
    return None if _CODE.fullmatch(value) else Fault(_CODE_RULE)


def _digits(value: str) -> Fault | None:
    return _pattern(_DIGITS, "は半角数字で入力してください。", value, _bare)


def _mail(value: str) -> Fault | None:
    if "," in value or "，" in value or "、" in value:
        rule = "にカンマがあります。ドット(.)の打ち間違いではありませんか。アドレスを確かめて入力してください。"
    else:
        rule = "は半角で、name@example.co.jpのように入力してください。"
    return _pattern(_MAIL, rule, value, _mail_form)


def _pattern(pattern: re.Pattern[str], rule: str, value: str, correct: Callable[[str], str]) -> Fault | None:
    if pattern.fullmatch(value):
        return None
    corrected = correct(value)
    return Fault(rule, corrected if pattern.fullmatch(corrected) else None)


def _half_width(value: str) -> str:
    return "".join(unicodedata.normalize("NFKC", value.translate(_HYPHENS)).translate(_HYPHENS).split())


def _bare(value: str) -> str:
    return _half_width(value).replace("-", "")


def _postal_form(value: str) -> str:
    digits = _half_width(value).removeprefix("〒")
    return f"{digits[:3]}-{digits[3:]}" if len(digits) == 7 and digits.isdigit() else digits


def _mail_form(value: str) -> str:
    return "".join(unicodedata.normalize("NFKC", value).split()).replace(",", ".").replace("、", ".").replace("。", ".")


_RULES: dict[str, Callable[[str], Fault | None]] = {
    "text": _text,
    "code": _code,
    "digits": _digits,
    "secret": _secret,
    "phone": _phone,
    "postal": _postal,
    "mail": _mail,
}
