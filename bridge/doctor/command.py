"""`card-bridge doctor`: what a person or a help desk types, without a running daemon."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from bridge import settings
from bridge.doctor import cards, computer, libraries, pcsc, ports, readers
from bridge.doctor.check import Check
from bridge.doctor.discretion import Discretion
from bridge.doctor.examination import Part, examine
from bridge.readers import practice as practice_reader
from bridge.readers.state import ReaderState
from bridge.settings import Settings, SettingsError


class Order(NamedTuple):
    """What was typed, and the settings that apply."""

    loaded: Settings
    config: Path | None
    personal: bool


def main(argv: Sequence[str], more: Callable[[Settings], Sequence[Part]]) -> int:
    """Exit status 1 when a line needs attention, 2 for settings. `more`: parts on what the bridge is only handed."""
    arguments = _parser().parse_args(argv)
    try:
        loaded = settings.load(arguments.config)
    except SettingsError as error:
        print(f"card-bridge: {error.text(settings.language())}", file=sys.stderr)
        return 2
    order = Order(loaded, arguments.config, arguments.personal)
    lines = checks(order, more(loaded))
    _show(lines, settings.language(loaded), as_json=arguments.json)
    return 0 if all(line.ok for line in lines) else 1


def checks(order: Order, more: Sequence[Part]) -> list[Check]:
    """Every line. Without `personal`, folders and readers are told without names and serial numbers."""
    lines = examine(_parts(order, more))
    return lines if order.personal else Discretion.here().checks(lines)


def _parts(order: Order, more: Sequence[Part]) -> list[Part]:
    loaded = order.loaded
    return [
        Part("version", lambda: [computer.version()]),
        Part("ports", lambda: ports.examine(loaded)),
        *more,
        Part("readers", lambda: readers.examine(pcsc.look(), _practice(loaded), remote=False)),
        Part("libraries", lambda: libraries.examine(loaded)),
        Part(
            "cards",
            lambda: cards.examine(loaded, order.config, personal=order.personal),
            cards.DEADLINE_SECONDS + 1,
        ),
        Part("settings", lambda: computer.examine(loaded)),
    ]


def _practice(loaded: Settings) -> tuple[ReaderState, ...]:
    if not loaded.card.practice:
        return ()
    return (practice_reader.state(settings.card_directory(loaded) / "practice"),)


def _show(lines: Sequence[Check], language: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([line.wire() for line in lines], ensure_ascii=False, indent=1))
    for line in [] if as_json else lines:
        print(f"{'OK  ' if line.ok else 'NG  '}{line.said(language)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge doctor", description="Check this computer: one line per cause, each with the next step."
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    parser.add_argument(
        "--personal", action="store_true", help="with names, serial numbers and full paths, which are else left out"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this settings file instead of the usual ones")
    return parser
