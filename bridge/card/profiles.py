"""What is known of each kind of card, one TOML file each: profiles/*.toml. A new card needs a file, no code."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DIRECTORY = Path(__file__).with_name("profiles")
UNKNOWN = "unknown"
"""The profile of a card that no other profile matches, and the word for a value that nobody has published."""
_CHARACTERS = ("digits", "alphanumeric-upper", "alphanumeric", "any")
_SYSTEMS = {"win32": "windows", "darwin": "macos"}


class ProfileError(Exception):
    """A profile that cannot be used; the text names file, key and what is expected."""


class Probe(StrEnum):
    """How the PIN's counter may be read without cost."""

    VERIFY_EMPTY = "verify-empty"
    """PC/SC: SELECT, then VERIFY without data."""
    FLAGS = "flags"
    """CK_TOKEN_INFO.flags, where this card's library keeps them true."""
    NONE = "none"


class Counter(NamedTuple):
    probe: Probe
    aid: bytes = b""
    """Application to select before VERIFY."""
    reference: int = 0
    """P2 of VERIFY."""
    file: bytes = b""
    """Elementary file to select after the application; empty: none."""
    tells_login: bool = False
    """VERIFY without data answers 9000 while the PIN is verified (the count is then hidden)."""


class Match(NamedTuple):
    """Shell patterns (fnmatch); an empty one matches everything. ATR in upper-case hex."""

    atr: str = ""
    manufacturer: str = ""
    model: str = ""
    label: str = ""


class Identity(NamedTuple):
    """What a token shows of itself before any PIN."""

    atr: bytes
    manufacturer: str
    model: str
    label: str


class Texts(NamedTuple):
    ja: str
    en: str

    def said(self, language: str) -> str:
        return self.en if language == "en" else self.ja


class Profile(NamedTuple):
    name: str
    label: Texts
    matches: tuple[Match, ...]
    in_reader: bool
    """A card in a PC/SC reader, as opposed to keys in software or on a network."""
    max_tries: int | None
    """Wrong PINs in a row that lock; None: not published."""
    counter: Counter
    pin_characters: str
    """digits | alphanumeric-upper | alphanumeric | any."""
    unlock_texts: Texts
    """What a lock means and how it is undone."""
    identified_by: str
    """For a token that shows its certificate only after the PIN: the profile of the token on the same card whose
    certificate tells which card it is. Empty: the token shows its own."""
    modules: Mapping[str, tuple[str, ...]]
    """Usual paths of the PKCS#11 library by system: windows, macos, linux."""

    def unlock(self, language: str) -> str:
        return self.unlock_texts.said(language)

    def module_paths(self, platform: str = sys.platform) -> tuple[Path, ...]:
        return tuple(map(Path, self.modules.get(_SYSTEMS.get(platform, "linux"), ())))

    def fits(self, identity: Identity) -> bool:
        return any(_fits(match, identity) for match in self.matches)


@cache
def profiles(directory: Path = DIRECTORY) -> tuple[Profile, ...]:
    """Every profile of a directory, by file name. Raises ProfileError."""
    return tuple(load(file) for file in sorted(directory.glob("*.toml")))


def profile(name: str) -> Profile:
    """The profile of that name, else the one for unknown cards."""
    known = {each.name: each for each in profiles()}
    return known.get(name, known[UNKNOWN])


def recognise(identity: Identity, among: Iterable[Profile] | None = None) -> Profile:
    """The first profile that matches, else the one for unknown cards."""
    candidates = profiles() if among is None else among
    return next((each for each in candidates if each.fits(identity)), profile(UNKNOWN))


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
        matches=tuple(Match(**_strings(entry, "match")) for entry in table.pop("match", [])),
        in_reader=_boolean(table.pop("in_reader", True), "in_reader"),
        max_tries=_max_tries(pin["max_tries"]),
        counter=_counter(_table(table.pop("counter"), set(Counter._fields), "counter")),
        pin_characters=_choice(pin["characters"], _CHARACTERS, "pin.characters"),
        unlock_texts=_texts(table.pop("unlock"), "unlock"),
        identified_by=_text(table.pop("identified_by", ""), "identified_by"),
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


def _strings(value: Any, where: str) -> dict[str, str]:
    table = _table(value, set(Match._fields), where)
    if not table or not all(isinstance(text, str) and text for text in table.values()):
        raise TypeError(f"{where} needs at least one pattern, and texts only")
    return table


def _texts(value: Any, where: str) -> Texts:
    table = _table(value, {"ja", "en"}, where)
    if not all(isinstance(text, str) for text in table.values()):
        raise TypeError(f"{where} must be texts")
    return Texts(table["ja"].strip(), table["en"].strip())


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
    if not all(isinstance(paths, list) and all(isinstance(path, str) for path in paths) for paths in table.values()):
        raise TypeError("modules must be lists of paths")
    return {system: tuple(paths) for system, paths in table.items()}


def _fits(match: Match, identity: Identity) -> bool:
    shown = Match(identity.atr.hex().upper(), identity.manufacturer, identity.model, identity.label)
    return all(not pattern or fnmatchcase(text, pattern) for text, pattern in zip(shown, match, strict=True))
