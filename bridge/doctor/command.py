"""`card-bridge doctor`: what a person or a help desk types, without a running daemon."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bridge import settings
from bridge.doctor import parts, pcsc
from bridge.doctor.check import Check
from bridge.doctor.discretion import Discretion
from bridge.doctor.examination import Part, examine
from bridge.doctor.parts import Order
from bridge.explain import callers
from bridge.explain.callers import Who
from bridge.settings import Settings, SettingsError


class Program(NamedTuple):
    """What the composition root adds: checks of what the bridge is only handed, and what can be mended."""

    parts: Callable[[Settings], Sequence[Part]]
    repair: Callable[[Settings, Sequence[Check]], Iterable[Check]]


def main(argv: Sequence[str], program: Program) -> int:
    """Exit status 1 when a line needs attention, 2 for a file that cannot be written."""
    arguments = _parser().parse_args(argv)
    order = _order(arguments)
    lines = _examined(order, program)
    if arguments.fix and not order.trouble:
        done = list(program.repair(order.loaded, lines))
        lines = [*done, *(_examined(order, program) if done else lines)]
    shown = lines if order.personal else Discretion.here().checks(lines)
    _show(shown, order.loaded, as_json=arguments.json)
    if arguments.bundle is not None and not _bundled(arguments.bundle, order, program, lines):
        return 2
    return 0 if all(line.ok for line in lines) else 1


def _order(arguments: argparse.Namespace) -> Order:
    """Settings that cannot be used end the bridge's start, not its diagnosis: that is then of the defaults."""
    try:
        return Order(settings.load(arguments.config), arguments.config, arguments.personal)
    except SettingsError as error:
        trouble = Check("settings", False, error.text("ja"), error.text("en"))
        return Order(Settings(), None, arguments.personal, (trouble,))


def _examined(order: Order, program: Program) -> list[Check]:
    return examine(parts.of(order, program.parts(order.loaded)))


def _bundled(file: Path, order: Order, program: Program, lines: list[Check]) -> bool:
    """With lines that hold nothing personal, which those on the screen may."""
    from bridge.doctor import bundle  # asks the installation for versions, which costs 100 ms of imports

    language = settings.language(order.loaded)
    told = _examined(order._replace(personal=False), program) if order.personal else lines
    try:
        bundle.write(file, bundle.Contents(told, order.loaded, pcsc.look), Discretion.here())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        words = f"書き込めませんでした: {file}（{reason}）" if language == "ja" else f"not written: {file} ({reason})"
        print(f"card-bridge: {words}", file=sys.stderr)
        return False
    words = "問い合わせ用のファイルを作りました" if language == "ja" else "for the help desk"
    print(f"card-bridge: {words}: {file}", file=sys.stderr)
    return True


def _show(lines: Sequence[Check], loaded: Settings, *, as_json: bool) -> None:
    language = settings.language(loaded)
    if as_json:
        print(json.dumps([line.wire() for line in lines], ensure_ascii=False, indent=1))
    for line in [] if as_json else lines:
        print(f"{'OK  ' if line.ok else 'NG  '}{line.said(language)}")
    reached = callers.line(Who.ADMINISTRATOR, loaded.contact, language)
    if reached and not as_json and not all(line.ok for line in lines):
        print(reached)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge doctor", description="Check this computer: one line per cause, each with the next step."
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    parser.add_argument(
        "--personal", action="store_true", help="with names, serial numbers and full paths, which are else left out"
    )
    parser.add_argument(
        "--fix", action="store_true", help="mend what is the bridge's own: its folders, certificates and their trust"
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE.zip",
        nargs="?",
        const=Path(f"card-bridge-doctor-{datetime.now(UTC).astimezone():%Y%m%d-%H%M%S}.zip"),
        help="also write a file for the help desk, nothing personal in it; without a name into this folder",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this settings file instead of the usual ones")
    return parser
