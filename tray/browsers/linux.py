"""Browsers on Linux: policy files below /etc."""

from __future__ import annotations

from collections.abc import Iterable

from tray.browsers import linux_chromium, linux_firefox
from tray.browsers.policies import Standing


def allow(origins: Iterable[str]) -> list[Standing]:
    """Exactly these: of what we wrote before, the rest goes. Raises OSError, PolicyRefused, as all of these do."""
    wanted = list(origins)
    linux_chromium.allow(wanted)
    linux_firefox.allow(wanted)
    return status()


def revoke() -> list[Standing]:
    """Exactly what we wrote."""
    linux_chromium.revoke()
    linux_firefox.revoke()
    return status()


def status() -> list[Standing]:
    """Of what we wrote."""
    return [*linux_chromium.status(), *linux_firefox.status()]
