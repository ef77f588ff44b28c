"""Names compared as people mean them: spaces, widths, letter case and the shapes of kanji aside. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum, auto
from functools import lru_cache

from portal.form import variants

_FORMS = {"(株)": "株式会社", "(有)": "有限会社", "(資)": "合資会社", "(名)": "合名会社", "(同)": "合同会社"}
# Shapes of one character that registers and cards write differently: those outside JIS X 0208, then those inside.
# Searched for, since most names have none of them: str.translate asks a table for every character.
_OUTSIDE = re.compile(f"[{''.join(variants.INSIDE)}]")
_SHAPES = re.compile(f"[{''.join(variants.SHAPES)}]")


class Likeness(Enum):
    """How near two names of persons are."""

    SAME = auto()
    VARIANT = auto()  # the same name, written differently
    DIFFERENT = auto()
    UNKNOWN = auto()  # nothing to compare: one is absent, or they are in different scripts


def same_company(left: str, right: str) -> bool:
    """Whether two 商号 name the same company, written differently or not."""
    return normal(left) == normal(right) != ""


def likeness(left: str, right: str) -> Likeness:
    """How near two persons' names are; an empty one is an absent one."""
    one, other = _folded(left), _folded(right)
    if not one or not other:
        return Likeness.UNKNOWN
    if one == other:
        return Likeness.SAME if left == right else Likeness.VARIANT
    return Likeness.DIFFERENT if _script(one) == _script(other) else Likeness.UNKNOWN


def written_out(name: str) -> str:
    """A 商号 as the procedure asks for it: (株) and the like in full, no spaces; else as typed."""
    for short, long in _FORMS.items():
        name = re.sub(rf"[(（]{short[1]}[)）]", long, name)
    return "".join(name.split())


def normal(name: str) -> str:
    """A 商号 without what people write differently: what is equal here names the same company."""
    return _in_full(_folded(name))


def normal_each(names: Sequence[str]) -> list[str]:
    """`normal` of every one, in a fraction of the time."""
    together = "\n".join(names)
    if together.count("\n") != len(names) - 1:  # within a name
        return [normal(name) for name in names]
    # Nothing composes with a line break, nothing decomposes into one: each name is as it would be by itself.
    return [_in_full("".join(name.split())) for name in _shaped(together).split("\n")]


def _in_full(text: str) -> str:
    if "(" not in text:  # most names, and a million of them at an import
        return text
    for short, long in _FORMS.items():
        text = text.replace(short, long)
    return text


def _folded(name: str) -> str:
    return "".join(_shaped(name).split())


def _shaped(text: str) -> str:
    if text.isascii():  # nothing below changes such a text otherwise, and a million 業者番号 are such texts
        return text.casefold()
    inside = _OUTSIDE.sub(lambda found: variants.INSIDE[found[0]], text)
    return _SHAPES.sub(lambda found: variants.SHAPES[found[0]], unicodedata.normalize("NFKC", inside)).casefold()


def _script(name: str) -> str:
    """kanji, kana or roman: whichever the name's first such character is, kanji before all."""
    kinds = {_kind(character) for character in name}
    return next((kind for kind in ("kanji", "kana", "roman") if kind in kinds), "")


@lru_cache(maxsize=4096)  # the few thousand that names are made of
def _kind(character: str) -> str:
    name = unicodedata.name(character, "")
    if name.startswith("CJK "):
        return "kanji"
    if name.startswith(("HIRAGANA", "KATAKANA")):
        return "kana"
    return "roman" if name.startswith("LATIN") else ""
