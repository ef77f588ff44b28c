"""The parts of the diagnosis in the order of their lines: from the program to the network, the reader and the card."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bridge import settings
from bridge.doctor import (
    account,
    browsers,
    cards,
    clock,
    computer,
    folders,
    libraries,
    pcsc,
    policies,
    ports,
    proxies,
    readers,
    record,
    remote,
)
from bridge.doctor.check import Check
from bridge.doctor.examination import Part
from bridge.readers import practice as practice_reader
from bridge.readers.state import ReaderState
from bridge.settings import Settings


class Order(NamedTuple):
    """The settings that apply, the file that they came from if it was named, and whether names may be told."""

    loaded: Settings
    config: Path | None
    personal: bool
    trouble: tuple[Check, ...] = ()
    """Why settings could not be used, so that these are the defaults."""


def of(order: Order, more: Sequence[Part]) -> list[Part]:
    """`more`: parts on what the bridge is only handed."""
    loaded = order.loaded
    return [
        Part("version", lambda: [computer.version(), *order.trouble]),
        Part("ports", lambda: ports.examine(loaded)),
        *more,
        Part("browser policies", lambda: browsers.examine(policies.found(), loaded.origins.allowed)),
        Part("proxies", lambda: proxies.examine(proxies.found(policies.found(), Path.home()))),
        Part("clock", lambda: clock.examine(time.time(), clock.marks(loaded))),
        Part("account", lambda: account.examine(loaded)),
        Part("remote", lambda: remote.examine(remote.line())),
        Part("readers", lambda: _readers(loaded)),
        Part("libraries", lambda: libraries.examine(loaded)),
        Part("cards", lambda: _cards(order), cards.DEADLINE_SECONDS + 1),
        Part("record", lambda: record.examine(loaded)),
        Part("settings", lambda: computer.examine(loaded)),
        Part("folders", lambda: folders.examine(loaded)),
    ]


def _cards(order: Order) -> Iterator[Check]:
    """The card host reads the settings itself, and would end where they cannot be used."""
    if not order.trouble:
        yield from cards.examine(order.loaded, order.config, personal=order.personal)


def _readers(loaded: Settings) -> Iterator[Check]:
    return readers.examine(pcsc.look(), _practice(loaded), remote=remote.line() is remote.Line.DESKTOP)


def _practice(loaded: Settings) -> tuple[ReaderState, ...]:
    if not loaded.card.practice:
        return ()
    return (practice_reader.state(settings.card_directory(loaded) / "practice"),)
