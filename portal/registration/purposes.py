"""What a card logs in for: the four businesses of 利用者登録メニュー, in its order.

A login's purpose is in the statement that the card signs, so that nobody logs in for more than their window said. It
steers where the visit goes on; what changes anything is signed by a statement of its own.
"""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """One button of the menu."""

    REGISTRATION = "registration"
    CHANGE = "change"
    RENEWAL = "renewal"
    INQUIRY = "inquiry"

    @property
    def label(self) -> str:
        """The button's text."""
        return _LABELS[self]

    @property
    def business(self) -> str:
        """The business with its name in brackets, as statements name it."""
        return f"利用者登録（{self.label}）"

    @property
    def action(self) -> str:
        """What a login statement for this purpose says it is."""
        return f"{self.business}のログイン"


_LABELS = {
    Purpose.REGISTRATION: "登録",
    Purpose.CHANGE: "変更",
    Purpose.RENEWAL: "ICカード更新",
    Purpose.INQUIRY: "照会・再印刷",
}
