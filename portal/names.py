"""Company names compared as people mean them: 株式会社 forms, spaces, widths and letter case aside. Pure."""

from __future__ import annotations

import unicodedata

from portal import variants

_FORMS = {"(株)": "株式会社", "(有)": "有限会社", "(資)": "合資会社", "(名)": "合名会社", "(同)": "合同会社"}
# Variants of one character that registers and cards write differently: those outside JIS X 0208, then those inside.
_OUTSIDE = str.maketrans(variants.INSIDE)
_VARIANTS = str.maketrans("濱邉邊齋齊斎澤廣", "浜辺辺斉斉斉沢広")


def same_company(left: str, right: str) -> bool:
    """Whether two 商号 name the same company, written differently or not."""
    return normal(left) == normal(right) != ""


def normal(name: str) -> str:
    """A name without what people write differently: what is equal here names the same company."""
    text = unicodedata.normalize("NFKC", name.translate(_OUTSIDE)).translate(_VARIANTS)
    text = "".join(text.split()).casefold()
    for short, long in _FORMS.items():
        text = text.replace(short, long)
    return text
