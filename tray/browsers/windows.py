"""Chrome, Edge and Firefox on Windows: lists below HKLM/SOFTWARE/Policies, which group policy writes, too.

What we wrote stands in a record of our own: the list and number under which, and what. Nothing else is ever changed or
taken out, and an entry that somebody else has written over is theirs. Keys that we had to make go when they are empty.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import contextlib
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from tray.browsers import hive
from tray.browsers.policies import CHROMIUM, FIREFOX, Policy, Standing

OURS: Final = r"SOFTWARE\Card Bridge"
RECORD: Final = rf"{OURS}\Browsers"
_MADE: Final = ""
"""What the record says of a key, as it says an entry of a value."""


class _List(NamedTuple):
    browser: str
    key: str
    policy: Policy

    @property
    def place(self) -> str:
        return f"{self.browser}: {self.policy.name}"


def _lists(browser: str, root: str, policies: Iterable[Policy]) -> list[_List]:
    return [_List(browser, "\\".join((root, *policy.path)), policy) for policy in policies]


_LISTS: Final = (
    *_lists("Chrome", r"SOFTWARE\Policies\Google\Chrome", CHROMIUM),
    *_lists("Edge", r"SOFTWARE\Policies\Microsoft\Edge", CHROMIUM),
    *_lists("Firefox", r"SOFTWARE\Policies\Mozilla\Firefox", FIREFOX),
)


def allow(origins: Iterable[str]) -> list[Standing]:
    """Exactly these: of what we wrote before, the rest goes. Raises OSError, and what stood before stands again."""
    before = {each: list(_recorded(each).values()) for each in _LISTS}
    try:
        _write({each: [each.policy.form.of(origin) for origin in origins] for each in _LISTS})
    except OSError:
        for each, entries in before.items():
            with contextlib.suppress(OSError):  # a list that takes no entry has lost none
                _write({each: entries})
        raise
    return status()


def _write(wanted: Mapping[_List, Iterable[str]]) -> None:
    for each, entries in wanted.items():
        _take_out(each, keep=entries)
        for entry in entries:
            if entry not in hive.texts(each.key).values():  # somebody else's entry does as well
                _add(each, entry)
    _drop_empty_keys()


def revoke() -> list[Standing]:
    """Exactly what we wrote. Raises OSError."""
    for each in _LISTS:
        _take_out(each, keep=())
    _drop_empty_keys()
    return status()


def status() -> list[Standing]:
    """Of what we wrote. Raises OSError."""
    return [
        Standing(each.place, entry, in_force=entry in hive.texts(each.key).values())
        for each in _LISTS
        for entry in _recorded(each).values()
    ]


def _recorded(each: _List) -> dict[str, str]:
    """Number → entry, of what we wrote into this list."""
    found = ((name.rpartition("\\"), entry) for name, entry in hive.texts(RECORD).items() if entry != _MADE)
    return {number: entry for (key, _, number), entry in found if key == each.key}


def _add(each: _List, entry: str) -> None:
    """Under the next free number. First into the record: what is broken off here can be taken out none the less."""
    numbers = [int(name) for name in hive.names(each.key) if name.isascii() and name.isdecimal()]
    number = str(max(numbers, default=0) + 1)
    for key in _keys(each.key):
        if not hive.exists(key):
            hive.write(RECORD, key, _MADE)
    hive.write(RECORD, f"{each.key}\\{number}", entry)
    hive.write(each.key, number, entry)


def _take_out(each: _List, keep: Iterable[str]) -> None:
    """What is ours and not to be kept; of what somebody wrote over or deleted, our record."""
    present = hive.texts(each.key)
    for number, entry in _recorded(each).items():
        ours = present.get(number) == entry
        if ours and entry in keep:
            continue
        if ours:
            hive.delete(each.key, number)
        hive.delete(RECORD, f"{each.key}\\{number}")


def _drop_empty_keys() -> None:
    """Of those that we made, the innermost first; what others filled meanwhile stays, and is theirs from now on."""
    used = {key for each in _LISTS if _recorded(each) for key in _keys(each.key)}
    made = [name for name, entry in hive.texts(RECORD).items() if entry == _MADE]
    for key in sorted(made, key=len, reverse=True):
        if key not in used:
            hive.delete_if_empty(key)
            hive.delete(RECORD, key)
    hive.delete_if_empty(RECORD)
    hive.delete_if_empty(OURS)


def _keys(key: str) -> list[str]:
    """It and those above it that may be missing: SOFTWARE/Policies is Windows' own."""
    names = key.split("\\")
    return ["\\".join(names[:count]) for count in range(3, len(names) + 1)]
