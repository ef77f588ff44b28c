"""Chromium and its kin on Linux for every user: the policy `CACertificates`, in a file of our own beside others'.

The policy is a list, and of two files that set it the browser takes one alone: where an administrator's file sets it,
the root has to be added there, by hand.
"""

from __future__ import annotations

import base64
import binascii
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from certs.errors import PolicyRefused
from certs.identity import is_ours, short_name
from certs.trust import files
from certs.trust.port import Presence

_POLICY: Final = "CACertificates"  # base64 of the DER; the browser heeds the root's own name constraints
_FILE: Final = "card-bridge-certificates.json"


class Browser(NamedTuple):
    """`base`: its folder below /etc, for administrators; `programs`: what it is called on the command line."""

    base: Path
    programs: tuple[str, ...]

    @property
    def managed(self) -> Path:
        """The folder of the administrator's policies."""
        return self.base / "policies" / "managed"

    @property
    def present(self) -> bool:
        """Whether it is on this computer."""
        return self.base.is_dir() or any(map(shutil.which, self.programs))


BROWSERS: Final = (
    Browser(Path("/etc/chromium"), ("chromium", "chromium-browser")),
    Browser(Path("/etc/opt/chrome"), ("google-chrome", "google-chrome-stable")),
    Browser(Path("/etc/opt/edge"), ("microsoft-edge", "microsoft-edge-stable")),
)


class ChromiumPolicy:
    """The browsers that are on this computer; tests name their own."""

    name: Final = "Chromium, Chrome, Edge (policy)"
    question: Final = None

    def __init__(self, browsers: Iterable[Browser] = BROWSERS) -> None:
        self._browsers = tuple(browsers)

    def install(self, root: bytes) -> list[Presence]:
        return [_attempt(_file(each), root, install=True) for each in self._present()]

    def status(self, root: bytes | None) -> list[Presence]:
        return [_presence(_file(each), root, _rival(_file(each))) for each in self._present()]

    def uninstall(self, root: bytes | None) -> list[Presence]:
        return [_attempt(_file(each), root, install=False) for each in self._browsers if _file(each).exists()]

    def _present(self) -> list[Browser]:
        return [each for each in self._browsers if each.present]


def _file(browser: Browser) -> Path:
    return browser.managed / _FILE


def _attempt(path: Path, root: bytes | None, *, install: bool) -> Presence:
    trouble = _rival(path) if install else None
    if trouble is not None:
        return _presence(path, root, trouble)
    try:
        kept = [each for each in _roots(path) if root is not None and each != root]
        _write(path, [*kept, root] if install and root is not None else kept)
    except PolicyRefused as error:
        trouble = error
    except OSError as error:
        trouble = PolicyRefused(path, error.strerror or "")
    return _presence(path, root, trouble)


def _write(path: Path, roots: list[bytes]) -> None:
    if roots:
        files.write_policy(path, {_POLICY: [base64.b64encode(root).decode() for root in roots]})
    else:
        files.remove(path, up_to=path.parents[2])  # a folder of the browser's own stays


def _presence(path: Path, root: bytes | None, trouble: PolicyRefused | None) -> Presence:
    try:
        roots = _roots(path)
    except PolicyRefused as error:
        return Presence(str(path), trusted=False, trouble=trouble or error)
    others = tuple(short_name(each) for each in roots if each != root)
    return Presence(str(path), root in roots and trouble is None, others, trouble)


def _roots(path: Path) -> list[bytes]:
    """What our file lists. Raises PolicyRefused when somebody made something else of it."""
    listed = files.read_policy(path).get(_POLICY, [])
    try:
        roots = [base64.b64decode(entry, validate=True) for entry in listed]
    except (TypeError, binascii.Error) as error:
        raise PolicyRefused(path, f"{_POLICY} is no list of certificates") from error
    if not all(map(is_ours, roots)):
        raise PolicyRefused(path, "it holds a certificate that is not this program's")
    return roots


def _rival(path: Path) -> PolicyRefused | None:
    """What keeps our file from being the only one that sets the policy."""
    for other in sorted(path.parent.glob("*.json")):
        try:
            if other != path and _POLICY in files.read_policy(other):
                return PolicyRefused(other, f"it sets {_POLICY}: add the root there")
        except PolicyRefused as error:
            return error
    return None
