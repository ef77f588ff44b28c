"""Where this system's browsers read policies from."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

from tray.browsers.policies import Standing


class Unsupported(Exception):
    """Not from here, on this system."""


def allow(origins: Sequence[str]) -> list[Standing]:
    """Exactly these. Raises OSError, PolicyRefused and Unsupported, as all of these do."""
    return _here().allow(origins)


def revoke() -> list[Standing]:
    """What is still there."""
    return _here().revoke()


def status() -> list[Standing]:
    return _here().status()


class _Place(Protocol):
    def allow(self, origins: Sequence[str]) -> list[Standing]: ...
    def revoke(self) -> list[Standing]: ...
    def status(self) -> list[Standing]: ...


if sys.platform == "win32":

    def _here() -> _Place:
        from tray.browsers import windows

        return windows
else:

    def _here() -> _Place:
        if sys.platform != "linux":
            raise Unsupported
        from tray.browsers import linux

        return linux
