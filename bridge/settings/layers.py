"""The layers that are there, and what they come to together."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from bridge.settings import custody, errors, places, registry
from bridge.settings.sections import ADMINISTRATORS, MACHINE_ONLY, SECTIONS, LayerName, Settings, Source
from bridge.settings.values import checked

_ORIGIN_LISTS: Final = ("origins.allowed", "origins.expired", "origins.development")


class Layer(NamedTuple):
    """`values`: from `section.name` to a checked value."""

    source: Source
    values: Mapping[str, Any]


def load(config: Path | None = None) -> Settings:
    """Read what applies. Raises SettingsError; a file that is missing is no error, unless it is `config`.

    An error in a policy ends it, too: what an administrator meant is not known, and going on without could let in
    what was to be kept out.
    """
    return merge([*(_usual() if config is None else [_file(LayerName.CONFIG, config)]), *_policy()])


def _usual() -> Iterator[Layer]:
    """The lowest first."""
    if (user := places.user_file()).is_file():
        yield _file(LayerName.USER, user)
    if (told := registry.read(registry.INSTALLER)) is not None:
        place = registry.shown(registry.INSTALLER)
        yield Layer(Source(LayerName.INSTALLER, place), registry.settings_of(place, told, split=True))
    if (machine := places.machine_file()).is_file():
        _require_custody(machine)
        yield _file(LayerName.MACHINE, machine)


def _policy() -> Iterator[Layer]:
    file = places.policy_file()
    if file is not None and file.is_file():
        _require_custody(file)
        yield _file(LayerName.POLICY, file)
    if (found := registry.read(registry.POLICY)) is not None:
        place = registry.shown(registry.POLICY)
        yield Layer(Source(LayerName.POLICY, place), registry.settings_of(place, found))


def _require_custody(machine: Path) -> None:
    try:
        kept = custody.is_administrators(machine)
    except OSError as error:
        raise errors.unreadable(str(machine), error) from error
    if not kept:
        raise errors.open_to_others(str(machine))


def _file(name: LayerName, path: Path) -> Layer:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise errors.unreadable(str(path), error) from error
    return Layer(Source(name, str(path)), dict(_flat(str(path), table)))


def _flat(place: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for section, content in table.items():
        if section not in SECTIONS or not isinstance(content, dict):
            raise errors.unknown_section(place, section, ", ".join(SECTIONS))
        for name, value in content.items():
            yield f"{section}.{name}", checked(place, f"{section}.{name}", value)


def merge(layers: list[Layer]) -> Settings:
    """The last that names a key decides. Raises SettingsError where a user's file names what is not a user's."""
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for layer in layers:
        for key, value in layer.values.items():
            if key in MACHINE_ONLY and layer.source.layer is LayerName.USER:
                raise errors.not_for_users(layer.source.place, key)
            values[key], sources[key] = value, layer.source
    if values.get("origins.locked"):
        _drop_origins(values, sources)
    sections = {name: _section(name, cls, values) for name, cls in SECTIONS.items()}
    return Settings(**sections, sources=tuple(sorted(sources.items())))


def _drop_origins(values: dict[str, Any], sources: dict[str, Source]) -> None:
    """A list that is fixed is that of whoever fixed it, and of administrators: no other layer adds to it."""
    entitled = {*ADMINISTRATORS, sources["origins.locked"].layer}
    for key in [key for key in _ORIGIN_LISTS if key in sources and sources[key].layer not in entitled]:
        del values[key], sources[key]


def _section(name: str, cls: type[Any], values: Mapping[str, Any]) -> Any:
    return cls(**{field: values[f"{name}.{field}"] for field in cls._fields if f"{name}.{field}" in values})
