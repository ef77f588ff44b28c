"""What wixl 0.101 cannot say, as SQL for msibuild."""

from __future__ import annotations

from typing import Final

from installer.wix import actions, first_start, properties, sql
from installer.wix.registry import AUTOSTART
from installer.wix.ui import dialogs, tables, texts

CODE_PAGE: Final = f"\r\n\r\n{texts.CODE_PAGE}\t_ForceCodepage\r\n"
"""The table by which texts are stored, as msibuild imports tables."""
_OF_UPGRADE: Final = ("WIX_DOWNGRADE_DETECTED", "WIX_UPGRADE_DETECTED")
CONDITIONS: Final = {
    AUTOSTART: "AUTOSTART=1",
    first_start.COMPONENT: first_start.CONDITION,
    **{properties.setting_component(name): name for name in properties.SETTINGS},
}
"""Components that are installed on a condition."""


def queries() -> list[str]:
    """In the dialect of libmsi."""
    conditions = [sql.update("Component", "Component", name, "Condition", text) for name, text in CONDITIONS.items()]
    return [
        _secure(),
        *conditions,
        *properties.queries(),
        *actions.queries(),
        *tables.queries(),
        *texts.queries(),
        *dialogs.queries(),
    ]


def _secure() -> str:
    """An administrator's properties must be secure, or the elevated half of an installation never sees them.

    So must those that were searched for: where there are dialogs, that half does not search again.
    """
    searched = (first_start.MACHINE, *map(properties.remembered, properties.PROPERTIES))
    names = ";".join((*_OF_UPGRADE, *properties.PROPERTIES, *searched))
    return sql.update("Property", "Property", "SecureCustomProperties", "Value", names)
