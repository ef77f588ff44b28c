"""What wixl 0.101 cannot say, as SQL for msibuild."""

from __future__ import annotations

from typing import Final

from installer.wix.properties import PROPERTIES
from installer.wix.registry import AUTOSTART

_OF_UPGRADE: Final = ("WIX_DOWNGRADE_DETECTED", "WIX_UPGRADE_DETECTED")
CONDITIONS: Final = {AUTOSTART: "AUTOSTART=1"}
"""Components that are installed on a condition."""


def queries() -> list[str]:
    """In the dialect of libmsi."""
    return [_secure(), *(_condition(component, text) for component, text in CONDITIONS.items())]


def _secure() -> str:
    """An administrator's properties must be secure, or the elevated half of an installation never sees them."""
    names = ";".join((*_OF_UPGRADE, *PROPERTIES))
    return f"UPDATE `Property` SET `Value`='{names}' WHERE `Property`='SecureCustomProperties'"  # noqa: S608  # our own


def _condition(component: str, text: str) -> str:
    return f"UPDATE `Component` SET `Condition`='{text}' WHERE `Component`='{component}'"  # noqa: S608  # our own
