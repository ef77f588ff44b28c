"""One profile's TOML file, read into its shape or refused with file, key and what is expected."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from bridge.card.profiles.profile import UNKNOWN, Counter, Match, Probe, Profile, Texts
from bridge.settings import SettingsError

_CHARACTERS = ("digits", "alphanumeric-upper", "alphanumeric", "any")


class ProfileError(SettingsError):
    """A profile that cannot be used; the text names file, key and what is expected."""


def load(file: Path) -> Profile:
    """Raises ProfileError: not TOML, an unknown or missing key, a value of another kind."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return _profile(file.stem, table)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"missing {error}" if isinstance(error, KeyError) else str(error)
        raise ProfileError(f"{file}: {reason}") from error


def _profile(name: str, table: dict[str, Any]) -> Profile:
    pin = _table(table.pop("pin"), {"characters", "max_tries"}, "pin")
    known = Profile(
        name=name,
        label=_texts(table.pop("label"), "label"),
        matches=_matches(table.pop("match", [])),
        in_reader=_boolean(table.pop("in_reader", True), "in_reader"),
        max_tries=_max_tries(pin["max_tries"]),
        counter=_counter(_table(table.pop("counter"), set(Counter._fields), "counter")),
        pin_characters=_characters(pin["characters"]),
        unlock_text=_texts(table.pop("unlock"), "unlock"),
        contact=_contact(table.pop("contact", UNKNOWN)),
        identified_by=_text(table.pop("identified_by", ""), "identified_by"),
        authenticates=_boolean(table.pop("authenticates", False), "authenticates"),
        modules=_modules(table.pop("modules", {})),
    )
    _table(table, set(), "")
    return known


def _table(value: Any, allowed: set[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{where} must be a table")
    if unknown := sorted(value.keys() - allowed):
        raise ValueError(f"unknown key {'.'.join(filter(None, (where, unknown[0])))}")
    return value


def _matches(value: Any) -> tuple[Match, ...]:
    if not isinstance(value, list):
        raise TypeError("match must be written [[match]], one for each set of patterns")
    return tuple(_match(entry) for entry in value)


def _match(value: Any) -> Match:
    table = _table(value, set(Match._fields), "match")
    if not table or not all(isinstance(text, str) and text.strip("*?") for text in table.values()):
        raise TypeError("match needs at least one pattern, and each must name something")
    return Match(**table)


def _texts(value: Any, where: str) -> Texts:
    table = _table(value, {"ja", "en"}, where)
    if not all(isinstance(text, str) and text.strip() for text in table.values()):
        raise TypeError(f"{where} must be texts")
    return Texts(table["ja"].strip(), table["en"].strip())


def _contact(value: Any) -> Texts | None:
    return None if value == UNKNOWN else _texts(value, "contact")


def _characters(value: Any) -> str:
    """What nobody has said is not refused in the window."""
    return "any" if value == UNKNOWN else _choice(value, _CHARACTERS, "pin.characters")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{where} must be a text")
    return value


def _boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{where} must be true or false")
    return value


def _choice(value: Any, choices: Iterable[str], where: str) -> str:
    if value not in choices:
        raise ValueError(f"{where} must be one of {', '.join(choices)}")
    return str(value)


def _max_tries(value: Any) -> int | None:
    if value == UNKNOWN:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError('pin.max_tries must be a number from 1 up, or "unknown"')
    return value


def _counter(table: dict[str, Any]) -> Counter:
    probe = Probe(_choice(table["probe"], tuple(Probe), "counter.probe"))
    if probe is not Probe.VERIFY_EMPTY:
        _table(table, {"probe"}, "counter")
        return Counter(probe)
    reference, tells_login = table["reference"], _boolean(table["tells_login"], "counter.tells_login")
    if not isinstance(reference, int) or not 0 <= reference <= 0xFF:
        raise ValueError("counter.reference must be one byte")
    file = bytes.fromhex(_text(table.get("file", ""), "counter.file"))
    return Counter(probe, bytes.fromhex(table["aid"]), reference, file, tells_login)


def _modules(value: Any) -> dict[str, tuple[str, ...]]:
    table = _table(value, {"windows", "macos", "linux"}, "modules")
    return {system: _paths(paths, f"modules.{system}") for system, paths in table.items()}


def _paths(value: Any, where: str) -> tuple[str, ...]:
    if value == UNKNOWN:
        return ()
    if not isinstance(value, list) or not all(isinstance(path, str) and _is_full(path) for path in value):
        raise TypeError(f'{where} must be a list of full paths, or "unknown"')
    return tuple(value)


def _is_full(path: str) -> bool:
    """On its own system, which need not be this one."""
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()
