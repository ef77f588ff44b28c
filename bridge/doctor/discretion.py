"""What keeps a line free of names: home folders, account names and serial numbers of readers are cut."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bridge.doctor.check import Check

_HOME = "~"
_CUT = "…"
_SERIAL = re.compile(r"\((?=[0-9A-Za-z]{6,}\))(?=[^)]*\d)[0-9A-Za-z]+\)")
"""pcsc-lite puts a reader's USB serial number in brackets: `SCR3310 [CCID Interface] (53311234567890) 00 00`."""
_OF_READERS = frozenset({"reader", "reader_held", "card_mute"})


class Discretion(NamedTuple):
    homes: tuple[str, ...]
    """Folders whose path names a person, longest first."""
    account: str

    @classmethod
    def here(cls) -> Discretion:
        return cls(tuple(sorted(_homes(), key=len, reverse=True)), _account())

    def text(self, text: str) -> str:
        for home in self.homes:
            text = re.sub(rf"{re.escape(home)}(?![\w-])", lambda _: _HOME, text, flags=re.IGNORECASE)
        if self.account:  # in paths alone: it may be a word of ours, too
            text = re.sub(rf"(?<=[/\\]){re.escape(self.account)}(?![\w-])", _CUT, text, flags=re.IGNORECASE)
        return text

    def check(self, check: Check) -> Check:
        cut = self._reader if check.name in _OF_READERS else self.text
        facts = tuple((name, cut(value)) for name, value in check.facts)
        return check._replace(ja=cut(check.ja), en=cut(check.en), facts=facts)

    def _reader(self, text: str) -> str:
        return reader(self.text(text))

    def checks(self, checks: Iterable[Check]) -> list[Check]:
        return [self.check(each) for each in checks]


def reader(name: str) -> str:
    """A reader's name without its serial number."""
    return _SERIAL.sub(f"({_CUT})", name)


def _homes() -> Iterator[str]:
    """As it is written and as it really is; of a root directory nothing is a secret."""
    try:
        written = Path.home()
    except RuntimeError:  # an account without one
        return
    for home in {written, written.resolve()}:
        if len(home.parts) > 1 and str(home) != "/root":
            yield str(home)
            yield home.as_posix()


def _account() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):  # an id without a name
        return ""
    return "" if name == "root" else name
