"""Settings in layers, each above the next: the administrator's policy, the machine's file, what the installer was
told, the user's file; `--config FILE` stands for all but policy. An unknown key or an ill-typed value is an error.

`MACHINE_ONLY` keys decide who asks for PINs, which code meets the card, what is believed of it, who may sign unseen,
and who may call at all. A user's file that names one is refused, not ignored.
"""

from bridge.settings.errors import SettingsError
from bridge.settings.language import language
from bridge.settings.layers import load
from bridge.settings.places import (
    audit_directory,
    card_directory,
    data_directory,
    grants_file,
    log_directory,
    machine_file,
    user_file,
)
from bridge.settings.sections import (
    MACHINE_ONLY,
    SECTIONS,
    AuditSettings,
    BridgeSettings,
    CardSettings,
    ContactSettings,
    LayerName,
    LogSettings,
    OriginSettings,
    PinSettings,
    Settings,
    SetupSettings,
    Source,
    TlsSettings,
)

__all__ = [
    "MACHINE_ONLY",
    "SECTIONS",
    "AuditSettings",
    "BridgeSettings",
    "CardSettings",
    "ContactSettings",
    "LayerName",
    "LogSettings",
    "OriginSettings",
    "PinSettings",
    "Settings",
    "SettingsError",
    "SetupSettings",
    "Source",
    "TlsSettings",
    "audit_directory",
    "card_directory",
    "data_directory",
    "grants_file",
    "language",
    "load",
    "log_directory",
    "machine_file",
    "user_file",
]
