"""`card-bridge autostart on | off | status`, and the doctor's line about it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bridge import settings
from bridge.doctor.check import Check
from tray.autostart.start import Autostart, Found, Start
from tray.autostart.texts import text

PROGRAM = (sys.executable, "-I", "-X", "utf8", "-m", "bridge.cli", "run", "--unless-running")


def autostart(argv: list[str]) -> int:
    """0: as asked for (status: it starts), 1: not so, 2: wrong usage."""
    try:
        language = settings.language(settings.load())
    except settings.SettingsError as error:
        print(f"card-bridge: {error.text(settings.language())}", file=sys.stderr)
        return 2
    action = _parser(language).parse_args(argv).action
    try:
        found = _carried_out(of_person(), action)
    except (OSError, UnicodeDecodeError) as error:
        print(f"card-bridge: {text(language, 'failed', reason=error)}", file=sys.stderr)
        return 1
    _say(found, action, language)
    return 0 if found.start.starts is (action != "off") else 1


def examine() -> Iterator[Check]:
    """Off is a choice and no fault. A desktop's file that cannot be read says nothing."""
    try:
        found = of_person().find()
    except (OSError, UnicodeDecodeError):
        return
    ja, en = (text(language, found.start, place=found.place) for language in ("ja", "en"))
    yield Check("autostart", True, ja, en)


def of_person() -> Autostart:
    """Whoever runs this program."""
    if sys.platform == "win32":
        from tray.autostart import run_key

        return run_key.RunKey(PROGRAM)
    if sys.platform == "darwin":
        from tray.autostart import launch_agent

        return launch_agent.LaunchAgent(Path.home() / "Library/LaunchAgents", PROGRAM)
    from tray.autostart import xdg

    return xdg.of_user(os.environ, Path.home(), PROGRAM)


def _carried_out(chosen: Autostart, action: str) -> Found:
    """What holds after it."""
    if action != "status":
        chosen.switch(on=action == "on")
    return chosen.find()


def _say(found: Found, action: str, language: str) -> None:
    print(text(language, found.start, place=found.place))
    if action == "off" and found.start is Start.EVERYBODY:
        print(text(language, "not_yours"), file=sys.stderr)
    if sys.platform == "darwin" and found.start is Start.ON:
        print(text(language, "untried"))


def _parser(language: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="card-bridge autostart", description=text(language, "about"))
    actions = parser.add_subparsers(dest="action", metavar="COMMAND", required=True)
    for name in ("on", "off", "status"):
        told = text(language, f"help.{name}")
        actions.add_parser(name, help=told, description=told)
    return parser
