"""Where browsers on Linux keep NSS databases: Chromium one per user, Firefox one per profile, sandboxed twins."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from certs.trust.certutil import Owner

_FIRST_PERSON: Final = 1000  # user ids below are daemons' (Debian policy §9.2.2)
_DATABASE: Final = "cert9.db"
_FIREFOX: Final = (
    ".mozilla/firefox/*",
    ".config/mozilla/firefox/*",  # new profiles since Firefox 147
    "snap/firefox/common/.mozilla/firefox/*",
    "snap/firefox/common/.config/mozilla/firefox/*",
    ".var/app/org.mozilla.firefox/.mozilla/firefox/*",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox/*",
)
_SANDBOXED_CHROMIUM: Final = (
    "snap/*/current/.pki/nssdb",
    "snap/*/current/.local/share/pki/nssdb",
    ".var/app/*/.pki/nssdb",
    ".var/app/*/data/pki/nssdb",
)


def databases(home: Path) -> list[Path]:
    """Every database that exists, each once, and Chromium's place even before its first start."""
    return list(dict.fromkeys([_shared(home).resolve(), *existing(home)]))


def existing(home: Path) -> list[Path]:
    """Every database below this home directory, each once."""
    return list({path.resolve(): None for path in _candidates(home) if (path / _DATABASE).is_file()})


def homes() -> list[Path]:
    """The home directories of this computer's users, also of those that a directory service knows and does not list."""
    found = {path.resolve(): None for path in (*_known_homes(), *Path("/home").glob("*")) if path.is_dir()}
    return [path for path in found if path != Path("/")]


def _known_homes() -> list[Path]:
    found: list[Path] = []
    if sys.platform != "win32":
        import pwd  # this module is loaded on Windows, too

        found = [Path(user.pw_dir) for user in pwd.getpwall() if user.pw_uid == 0 or user.pw_uid >= _FIRST_PERSON]
    return found


def owner(home: Path) -> Owner:
    state = home.stat()
    return Owner(state.st_uid, state.st_gid)


def _candidates(home: Path) -> Iterator[Path]:
    yield home / ".pki/nssdb"
    yield _data_home(home) / "pki/nssdb"
    for pattern in (*_SANDBOXED_CHROMIUM, *_FIREFOX):
        yield from sorted(home.glob(pattern))


def _shared(home: Path) -> Path:
    """Chromium takes the old place if it exists, else the XDG one if that exists, else it makes the old one."""
    old, new = home / ".pki/nssdb", _data_home(home) / "pki/nssdb"
    return new if new.is_dir() and not old.is_dir() else old


def _data_home(home: Path) -> Path:
    value = os.environ.get("XDG_DATA_HOME", "")
    return Path(value) if Path(value).is_absolute() else home / ".local/share"
