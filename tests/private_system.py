"""A computer of the test's own as far as administrators' files go: /etc, /var/lib and the local authorities are copies.

Commands run in a mount namespace; what they change stays in the test's folder. Needs Linux and either root or user
namespaces.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_ENTER: Final = """
set -e
mount --bind "$1/etc" /etc
mount --bind "$1/var-lib" /var/lib
mount --bind "$1/local" /usr/local/share/ca-certificates
shift
exec "$@"
"""
USER: Final = 4711
HOMES: Final = Path("/var/lib/homes")


@cache
def available() -> bool:
    if not sys.platform.startswith("linux") or not Path("/usr/local/share/ca-certificates").is_dir():
        return False
    probe = [*unshare(), "sh", "-c", "mount --bind /etc /etc"]
    return bool(shutil.which("unshare")) and subprocess.run(probe, capture_output=True, check=False).returncode == 0


class PrivateSystem:
    """`users` (name → uid) are the only ones besides root; their homes are below `HOMES`."""

    def __init__(self, folder: Path, users: Mapping[str, int]) -> None:
        self.folder = folder
        subprocess.run(["cp", "-a", "/etc", folder / "etc"], check=True)
        for hook in (folder / "etc" / "ca-certificates" / "update.d").glob("*"):
            hook.unlink()  # other packages' copies of the list, which take seconds
        subprocess.run(["cp", "-a", "/usr/local/share/ca-certificates", folder / "local"], check=True)
        lines = [f"{name}:x:{uid}:{uid}::{HOMES / name}:/bin/sh" for name, uid in {"root": 0, **users}.items()]
        (folder / "etc" / "passwd").write_text("\n".join([*lines, ""]))
        for name, uid in {"root": 0, **users}.items():
            home = self.real(HOMES / name)
            home.mkdir(parents=True)
            os.chown(home, uid, uid)
        self.run("update-ca-certificates")  # what the last run left undone is not to be found later

    def real(self, path: Path) -> Path:
        """Where a file of /var/lib or /etc lies, seen from the test."""
        for inside, outside in (("/var/lib", "var-lib"), ("/etc", "etc")):
            if path.is_relative_to(inside):
                return self.folder / outside / path.relative_to(inside)
        raise ValueError(path)

    def run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {"PATH": os.environ["PATH"] + ":/usr/sbin", "HOME": str(HOMES / "root"), "LANG": "C.UTF-8", **environment}
        return subprocess.run(
            self.command(*command),
            env=own,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def command(self, *command: str | Path) -> list[str]:
        return [*unshare(), "sh", "-c", _ENTER, "sh", str(self.folder), *map(str, command)]


def unshare() -> list[str]:
    """The command that runs another in a mount namespace of its own."""
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
