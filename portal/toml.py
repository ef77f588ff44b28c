"""From a parsed TOML table to frozen dataclasses: every key known, every value of its type. Pure.

A field is a scalar (bool, int, str, date, time), a Path, a Path or an address (`Path | str`, one with `://`), an Enum
of strings, any of these or None, a table (another dataclass), or a tuple of one of these (a TOML array). A field
without a default is a key that must be given.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_NAMES = {date: "a date like 2026-12-28", time: "a time like 08:30:00", Path: "a path"}


class SettingsError(ValueError):
    """The settings file cannot be used; the text names the key."""


def build(cls: type[T], table: Mapping[str, Any], where: str, folder: Path) -> T:
    """The dataclass `cls` from a table whose keys begin with `where`; relative paths are below `folder`.

    Raises SettingsError.
    """
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, cls))}
    unknown = sorted(set(table) - set(fields))
    if unknown:
        raise SettingsError(f"unknown key: {where}{unknown[0]}")
    hints = typing.get_type_hints(cls)
    values = {
        name: _value(hints[name], table[name] if name in table else _default(field, where), f"{where}{name}", folder)
        for name, field in fields.items()
    }
    return cls(**values)


def _default(field: dataclasses.Field[Any], where: str) -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    if field.default is dataclasses.MISSING:
        raise SettingsError(f"missing key: {where}{field.name}")
    return field.default


def _value(hint: Any, given: object, where: str, folder: Path) -> object:
    if hint == Path | str:
        return given if isinstance(given, str) and "://" in given else _value(Path, given, where, folder)
    if isinstance(hint, types.UnionType):  # X | None, the only other union here
        (inner,) = (each for each in typing.get_args(hint) if each is not types.NoneType)
        return None if given is None else _value(inner, given, where, folder)
    if typing.get_origin(hint) is tuple:
        return _list(typing.get_args(hint)[0], given, where, folder)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _table(hint, given, where, folder)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _choice(hint, given, where)
    if hint is Path and isinstance(given, str | Path):
        return folder / given
    if type(given) is hint:  # exact: a bool is not a port, a date with a time is not a day
        return given
    raise SettingsError(f"{where}: expected {_NAMES.get(hint, getattr(hint, '__name__', hint))}")


def _list(hint: Any, given: object, where: str, folder: Path) -> object:
    if not isinstance(given, list | tuple):  # a tuple: a default
        raise SettingsError(f"{where}: expected a list")
    return tuple(_value(hint, each, f"{where}[{number}]", folder) for number, each in enumerate(given))


def _table(cls: type[Any], given: object, where: str, folder: Path) -> object:
    if isinstance(given, cls):  # a default, whose paths have not met the folder yet
        given = {field.name: getattr(given, field.name) for field in dataclasses.fields(cls)}
    if isinstance(given, dict):
        return build(cls, given, f"{where}.", folder)
    raise SettingsError(f"{where}: expected {cls.__name__}")


def _choice(choices: type[enum.Enum], given: object, where: str) -> object:
    try:
        return choices(given)
    except ValueError as error:
        names = " or ".join(f'"{each.value}"' for each in choices)
        raise SettingsError(f"{where}: expected {names}") from error
