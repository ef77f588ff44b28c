"""The tables that dialogs stand in (Windows Installer SDK, User Interface Reference), which wixl does not make."""

from __future__ import annotations

from typing import Final

_ID, _TEXT, _NUMBER, _LONG = "CHAR(72)", "CHAR(255)", "SHORT", "LONG"
_MUST: Final = " NOT NULL"
_TABLES: Final = {
    "Dialog": (
        ("Dialog", _ID + _MUST), ("HCentering", _NUMBER + _MUST), ("VCentering", _NUMBER + _MUST),
        ("Width", _NUMBER + _MUST), ("Height", _NUMBER + _MUST), ("Attributes", _LONG), ("Title", _TEXT),
        ("Control_First", _ID + _MUST), ("Control_Default", _ID), ("Control_Cancel", _ID),
    ),
    "Control": (
        ("Dialog_", _ID + _MUST), ("Control", _ID + _MUST), ("Type", _ID + _MUST), ("X", _NUMBER + _MUST),
        ("Y", _NUMBER + _MUST), ("Width", _NUMBER + _MUST), ("Height", _NUMBER + _MUST), ("Attributes", _LONG),
        ("Property", _ID), ("Text", _TEXT), ("Control_Next", _ID), ("Help", _TEXT),
    ),
    "ControlEvent": (
        ("Dialog_", _ID + _MUST), ("Control_", _ID + _MUST), ("Event", _ID + _MUST), ("Argument", _TEXT + _MUST),
        ("Condition", _TEXT), ("Ordering", _NUMBER),
    ),
    "ControlCondition": (
        ("Dialog_", _ID + _MUST), ("Control_", _ID + _MUST), ("Action", _ID + _MUST), ("Condition", _TEXT + _MUST),
    ),
    "EventMapping": (
        ("Dialog_", _ID + _MUST), ("Control_", _ID + _MUST), ("Event", _ID + _MUST), ("Attribute", _ID + _MUST),
    ),
    "TextStyle": (
        ("TextStyle", _ID + _MUST), ("FaceName", _ID + _MUST), ("Size", _NUMBER + _MUST), ("Color", _LONG),
        ("StyleBits", _NUMBER),
    ),
    "CheckBox": (("Property", _ID + _MUST), ("Value", _TEXT)),
}  # fmt: skip
_KEYS: Final = {
    "Control": 2, "ControlEvent": 5, "ControlCondition": 4, "EventMapping": 3,
}  # fmt: skip
"""How many columns, from the first on, are a row's key; else one."""


def queries() -> list[str]:
    return [_create(name, columns) for name, columns in _TABLES.items()]


def _create(name: str, columns: tuple[tuple[str, str], ...]) -> str:
    wanted = ", ".join(f"`{column}` {kind}" for column, kind in columns)
    keys = ", ".join(f"`{column}`" for column, _ in columns[: _KEYS.get(name, 1)])
    return f"CREATE TABLE `{name}` ({wanted} PRIMARY KEY {keys})"
