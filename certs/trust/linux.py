"""The system's list of certificate authorities on Debian and its kin, by `update-ca-certificates`.

Neither Chromium nor Firefox reads it; curl, Python, .NET and other programs that call the bridge do.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final, NamedTuple

from certs import store
from certs.errors import SystemStoreRefused
from certs.identity import is_ours, short_name
from certs.trust import files, pem, tool
from certs.trust.port import Presence

_PATIENCE: Final = 120  # seconds; hooks of other packages run, too


class Layout(NamedTuple):
    """`local`: folder for the administrator's own; `bundle`: what programs read; `update`: makes one of the other.

    `hooks`: programs that keep copies of their own, Java's for one.
    """

    local: Path
    bundle: Path
    update: tuple[str, ...]
    hooks: Path


DEBIAN: Final = Layout(
    Path("/usr/local/share/ca-certificates"),
    Path("/etc/ssl/certs/ca-certificates.crt"),
    ("update-ca-certificates",),
    Path("/etc/ca-certificates/update.d"),
)


class LinuxStore:
    """One place, or none where the tool is missing; tests name a layout of their own."""

    name: Final = "Linux (ca-certificates)"
    question: Final = None

    def __init__(self, layout: Layout = DEBIAN) -> None:
        self._layout = layout

    def install(self, root: bytes) -> list[Presence]:
        return self._attempt(root, install=True)

    def status(self, root: bytes | None) -> list[Presence]:
        return [self._presence(root, None)] if self._tool() else []

    def uninstall(self, root: bytes | None) -> list[Presence]:
        return self._attempt(root, install=False)

    def _attempt(self, root: bytes | None, *, install: bool) -> list[Presence]:
        if self._tool() is None:
            return []
        trouble = None
        try:
            if install and root is not None:
                self._add(root)
            else:
                self._take_out(root)
        except SystemStoreRefused as error:
            trouble = error
        except OSError as error:
            trouble = SystemStoreRefused(self._layout.local, error.strerror or "")
        return [self._presence(root, trouble)]

    def _add(self, root: bytes) -> None:
        if root in self._trusted():
            return
        files.write(self._layout.local / f"{short_name(root)}.crt", store.pem(root))
        self._update()

    def _take_out(self, root: bytes | None) -> None:
        gone = [path for path, held in self._ours() if root is None or held == root]
        for path in gone:
            path.unlink()
        if gone or any(root in (None, held) and is_ours(held) for held in self._trusted()):
            self._update()
            self._clear_up([f"{path.stem}.pem" for path in gone])

    def _clear_up(self, links: list[str]) -> None:
        """What the tool forgets of a local file that is gone: its link, the link by its hash, and to tell the hooks."""
        folder = self._layout.bundle.parent
        for entry in folder.iterdir():
            if entry.is_symlink() and (entry.name in links or str(entry.readlink()) in links):
                entry.unlink()
        told = "".join(f"-{folder / link}\n" for link in links)  # as in update-ca-certificates(8)
        for hook in sorted(self._layout.hooks.glob("*")) if told else []:
            if os.access(hook, os.X_OK):
                tool.demand([str(hook)], self._layout.hooks, patience=_PATIENCE, told=told)

    def _presence(self, root: bytes | None, trouble: SystemStoreRefused | None) -> Presence:
        trusted = self._trusted()
        others = {short_name(held) for held in trusted if held != root and is_ours(held)}
        others |= {path.stem for path, held in self._ours() if held != root}
        return Presence(str(self._layout.bundle), root in trusted, tuple(sorted(others)), trouble)

    def _trusted(self) -> list[bytes]:
        return _certificates(self._layout.bundle)

    def _ours(self) -> list[tuple[Path, bytes]]:
        found = [(path, held) for path in self._layout.local.glob("*.crt") for held in _certificates(path)]
        return [(path, held) for path, held in found if is_ours(held)]

    def _tool(self) -> str | None:
        # /usr/sbin is not on every administrator's search path.
        return shutil.which(self._layout.update[0]) or shutil.which(self._layout.update[0], path="/usr/sbin")

    def _update(self) -> None:
        tool.demand([str(self._tool()), *self._layout.update[1:]], self._layout.bundle, patience=_PATIENCE)


def _certificates(path: Path) -> list[bytes]:
    """DER of each certificate in a PEM file; none when there is no file."""
    return pem.certificates(path.read_text(encoding="ascii", errors="replace")) if path.is_file() else []
