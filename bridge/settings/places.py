"""Where settings are read from, and where the bridge keeps what is its user's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import platformdirs

from bridge.settings.sections import Settings

APP: Final = "card-bridge"


def policy_file() -> Path | None:
    """The administrator's last word where there is no registry: no variable of the environment moves it."""
    place: Path | None
    if sys.platform == "win32":
        place = None
    elif sys.platform == "darwin":
        place = Path("/Library/Application Support/card-bridge/policy.toml")
    else:
        place = Path("/etc/card-bridge/policy.toml")
    return place


def machine_file() -> Path:
    return Path(platformdirs.site_config_dir(APP, appauthor=False)) / "config.toml"


def user_file() -> Path:
    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"


def data_directory() -> Path:
    return Path(platformdirs.user_data_dir(APP, appauthor=False))


def log_directory(settings: Settings) -> Path:
    return Path(settings.log.directory or platformdirs.user_log_dir(APP, appauthor=False))


def card_directory(settings: Settings) -> Path:
    return Path(settings.card.directory) if settings.card.directory else data_directory() / "card"


def audit_directory(settings: Settings) -> Path:
    return Path(settings.audit.directory) if settings.audit.directory else data_directory() / "audit"


def grants_file(settings: Settings) -> Path:
    return (Path(settings.origins.grants) if settings.origins.grants else data_directory()) / "origins.json"
