"""Other OS users of this computer, who see this checkout and its Python even where these lie in a closed home.

A user is a number to the kernel: these need no entry in /etc/passwd. Only root can act as them.
"""

from __future__ import annotations

import os
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

_ROOT: Final = Path(__file__).parents[1]
_NEEDED: Final = (Path(sys.base_prefix).resolve(), _ROOT)
# In a mount namespace: $1 is closed to others; $2, $3 … up to -- are the folders in it that they shall see.
_OPEN: Final = """
set -e
closed=$1; shift
mount -t tmpfs -o mode=755 none /mnt
kept=""
while [ "$1" != -- ]; do
    kept="$kept $1"; mkdir -p "/mnt$1"; mount --bind "$1" "/mnt$1"; shift
done
shift
mount -t tmpfs -o mode=755 none "$closed"
for each in $kept; do mkdir -p "$each"; mount --bind "/mnt$each" "$each"; done
exec "$@"
"""


def available() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and all(map(shutil.which, ("setpriv", "unshare")))


class User(NamedTuple):
    name: str
    number: int
    """Of user and group."""
    home: Path

    def command(self, *words: str) -> list[str]:
        """What runs a command as this user: without any right of root's, and without a way to get one."""
        as_user = (f"--reuid={self.number}", f"--regid={self.number}", "--clear-groups", "--no-new-privs")
        return [*_opened(), "setpriv", *as_user, *words]

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.home), "USER": self.name, "LOGNAME": self.name, "LANG": "C.UTF-8"}


@cache
def _opened() -> tuple[str, ...]:
    """Nothing where everything can be seen."""
    closed = [each for place in _NEEDED for each in place.parents if not each.stat().st_mode & 0o001]
    if not closed:
        return ()
    top = min(closed, key=lambda each: len(each.parts))
    inside = [str(place) for place in _NEEDED if place.is_relative_to(top)]
    return ("unshare", "--mount", "sh", "-c", _OPEN, "sh", str(top), *inside, "--")
