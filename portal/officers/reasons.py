"""What officers write: a few lines of plain text, checked before anything is signed. Pure."""

from __future__ import annotations

import unicodedata

from portal.refusals import Invalid, Problem

MAX_REASON = 400  # characters: a mail and a window that are still read
MAX_LINES = 10
_UNFIT = ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")


def checked(typed: str, *, required: bool, field: str = "reason", label: str = "理由") -> str:
    """The text with its lines trimmed and joined by line feeds. Raises Invalid."""
    text = "\n".join(line.strip() for line in typed.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n"))
    fault = _fault(text, label, required=required)
    if fault is not None:
        raise Invalid((Problem(field, label, fault),))
    return text


def lines(text: str) -> tuple[str, ...]:
    """The lines that say something."""
    return tuple(line for line in text.split("\n") if line)


def _fault(text: str, label: str, *, required: bool) -> str | None:
    if required and not text:
        return f"{label}を入力してください。"
    if len(text) > MAX_REASON:
        return f"{label}は{MAX_REASON}文字までです。いまは{len(text)}文字あります。"
    if text.count("\n") >= MAX_LINES:
        return f"{label}は{MAX_LINES}行までです。"
    if any(unicodedata.category(each) in _UNFIT for each in text.replace("\n", "")):
        return f"{label}に、表示できない文字（制御文字など）が入っています。入力し直してください。"
    return None
