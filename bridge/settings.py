"""Settings: TOML, a machine file above a user file, `--config FILE` above both; an unknown key is an error.

`pin.window`, `card.host`, `card.modules`, `card.profiles` and `origins.silent` decide who asks for PINs, which code
meets the card, what is believed of it, and who may sign unseen; `origins.locked` and `origins.window`, who may call at
all. They are read from the machine file or `--config` only: a user's file that names them is refused, not ignored.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

APP = "card-bridge"


class SettingsError(Exception):
    """A settings file that cannot be used; the text names file, key and what is expected."""


class BridgeSettings(NamedTuple):
    port: int = 0
    """First port to try; 0: 22480 to 22495 in turn (docs/protocol.md, Transport)."""
    language: str = "auto"
    """ja | en | auto (the operating system's)."""


class OriginSettings(NamedTuple):
    allowed: tuple[str, ...] = ()
    """Origins (https://host[:port]) that may call without asking, by policy. Exact match."""
    silent: tuple[str, ...] = ()
    """Origins that may sign without a window while a PIN session is open. Machine file or --config only."""
    expired: tuple[str, ...] = ()
    """Origins that may have statements signed by a card that has expired: agencies whose ICカード更新 asks for it."""
    development: bool = False
    """Accept http origins of loopback hosts."""
    locked: bool = False
    """The list is `allowed` alone: nobody is asked, grants and a user's file count for nothing."""
    grants: str = ""
    """Folder of the file that keeps the person's grants; empty: the user data directory."""
    window: tuple[str, ...] = ()
    """Program that asks for consent instead of ours. Machine file or --config only."""


class CardSettings(NamedTuple):
    modules: tuple[str, ...] = ("profiles",)
    """Full paths of PKCS#11 libraries; `profiles`: those that card profiles name and that are installed. Machine file
    or --config only."""
    profiles: str = ""
    """Folder of an administrator's card profiles; empty: none. Machine file or --config only."""
    practice: bool = False
    """Offer the practice card (練習用カード)."""
    directory: str = ""
    """Where the practice card and the ledger live; empty: the user data directory."""
    host: tuple[str, ...] = ()
    """Program and arguments that start the card host instead of our own. Machine file or --config only."""
    host_deadline_seconds: float = 60.0
    """Card time that one request may take before the host is killed; a person's time is not counted."""


class PinSettings(NamedTuple):
    stop_at: int = 1
    """At this many tries left the window demands a typed confirmation."""
    forbid_last_try: bool = False
    """Refuse the last try altogether (`pin_last_try`), where the card tells its tries."""
    session_seconds: int = 600
    """How long a PIN session lives at most."""
    window: tuple[str, ...] = ()
    """Program that asks for the PIN instead of ours. Machine file or --config only."""
    window_seconds: int = 300
    """How long a window stays open."""
    person: bool = True
    """Show the field 担当者."""


class TlsSettings(NamedTuple):
    directory: str = ""
    """Where the per-install certificates live; empty: the user data directory."""


class LogSettings(NamedTuple):
    directory: str = ""
    """Empty: the user log directory."""
    level: str = "INFO"


class Settings(NamedTuple):
    bridge: BridgeSettings = BridgeSettings()
    origins: OriginSettings = OriginSettings()
    card: CardSettings = CardSettings()
    pin: PinSettings = PinSettings()
    tls: TlsSettings = TlsSettings()
    log: LogSettings = LogSettings()
    sources: tuple[tuple[str, str], ...] = ()
    """(key, file) of every value that a file set: doctor shows where each came from."""

    def source(self, key: str) -> str:
        return dict(self.sources).get(key, "default")


MACHINE_ONLY = frozenset(
    {
        "card.host",
        "card.modules",
        "card.profiles",
        "pin.window",
        "origins.silent",
        "origins.locked",
        "origins.window",
    }
)

_ORIGIN_LISTS = ("origins.allowed", "origins.expired", "origins.development")

_SECTIONS: dict[str, type[Any]] = {
    "bridge": BridgeSettings,
    "origins": OriginSettings,
    "card": CardSettings,
    "pin": PinSettings,
    "tls": TlsSettings,
    "log": LogSettings,
}


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


def grants_file(settings: Settings) -> Path:
    return (Path(settings.origins.grants) if settings.origins.grants else data_directory()) / "origins.json"


def load(config: Path | None = None) -> Settings:
    """Read what applies. Raises SettingsError; a missing machine or user file is no error, a missing `config` is."""
    if config is not None:
        return _merge(((config, _read(config), True),))
    found = ((user_file(), False), (machine_file(), True))
    return _merge(tuple((path, _read(path), trusted) for path, trusted in found if path.is_file()))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _merge(files: tuple[tuple[Path, dict[str, Any], bool], ...]) -> Settings:
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for path, table, trusted in files:
        for key, value in _flatten(path, table).items():
            if key in MACHINE_ONLY and not trusted:
                raise SettingsError(f"{path}: {key} may stand in the machine file or --config only")
            values[key], sources[key] = value, str(path)
    if values.get("origins.locked"):
        _drop_origins_of(frozenset(str(path) for path, _, trusted in files if not trusted), values, sources)
    sections = {name: _section(name, cls, values) for name, cls in _SECTIONS.items()}
    return Settings(**sections, sources=tuple(sorted(sources.items())))


def _drop_origins_of(files: frozenset[str], values: dict[str, Any], sources: dict[str, str]) -> None:
    """A list that policy fixes is policy's alone."""
    for key in [key for key in _ORIGIN_LISTS if sources.get(key) in files]:
        del values[key], sources[key]


def _flatten(path: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for section, content in table.items():
        known = _SECTIONS.get(section)
        if known is None or not isinstance(content, dict):
            raise SettingsError(f"{path}: unknown section [{section}]; known: {', '.join(_SECTIONS)}")
        for key, value in content.items():
            if key not in known._fields:
                raise SettingsError(f"{path}: unknown key {section}.{key}; known: {', '.join(known._fields)}")
            flat[f"{section}.{key}"] = _checked(path, f"{section}.{key}", value, known._field_defaults[key])
    return flat


def _section(name: str, cls: type[Any], values: Mapping[str, Any]) -> Any:
    return cls(**{field: values[f"{name}.{field}"] for field in cls._fields if f"{name}.{field}" in values})


def _checked(path: Path, key: str, value: Any, default: Any) -> Any:
    """The value in the type of its default; lists of strings become tuples. Raises SettingsError."""
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SettingsError(f"{path}: {key} must be a list of strings")
        value = tuple(value)
    elif isinstance(default, float) and type(value) is int:
        value = float(value)
    elif type(value) is not type(default):
        raise SettingsError(f"{path}: {key} must be {type(default).__name__}, not {type(value).__name__}")
    rule = _RULES.get(key)
    if rule is not None and not rule[0](value):
        raise SettingsError(f"{path}: {key} must be {rule[1]}")
    return value


def _is_origin(text: str) -> bool:
    scheme, separator, rest = text.partition("://")
    return bool(separator) and scheme in ("https", "http") and bool(rest) and not set(rest) & set("/?#@ *")


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "bridge.port": (lambda port: port == 0 or 1024 <= port <= 65535, "0 or a port from 1024 to 65535"),
    "bridge.language": (lambda text: text in ("ja", "en", "auto"), "ja, en or auto"),
    "origins.allowed": (lambda items: all(map(_is_origin, items)), "a list of origins such as https://portal.example"),
    "origins.expired": (lambda items: all(map(_is_origin, items)), "a list of origins such as https://portal.example"),
    "card.modules": (
        lambda items: all(item == "profiles" or Path(item).is_absolute() for item in items),
        'a list of full paths, or the word "profiles"',
    ),
    "card.host": (
        lambda items: not items or Path(items[0]).is_absolute(),
        "the full path of a program, and its arguments",
    ),
    "card.profiles": (lambda folder: not folder or Path(folder).is_absolute(), "the full path of a folder"),
    "card.host_deadline_seconds": (lambda seconds: 1 <= seconds <= 600, "from 1 to 600"),
    "pin.stop_at": (lambda count: 1 <= count <= 9, "from 1 to 9"),
    "pin.session_seconds": (lambda seconds: 0 <= seconds <= 3600, "from 0 to 3600"),
    "pin.window_seconds": (lambda seconds: 30 <= seconds <= 600, "from 30 to 600"),
    "log.level": (lambda text: text in ("DEBUG", "INFO", "WARNING", "ERROR"), "DEBUG, INFO, WARNING or ERROR"),
}


def language(settings: Settings, system: str | None = None) -> str:
    """ja or en for what a person sees; Japanese unless the operating system speaks another language."""
    if settings.bridge.language != "auto":
        return settings.bridge.language
    spoken = (system if system is not None else _system_language()).lower()
    return "ja" if not spoken or spoken.startswith(("ja", "c", "posix")) else "en"


def _system_language() -> str:
    if sys.platform == "win32":
        import ctypes
        import locale

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    # POSIX.1-2017 §8.2: the first of these that is set decides.
    return next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
