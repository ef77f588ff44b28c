"""`card-bridge link install | status | uninstall`, and `open`, which the registered handler calls."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bridge import settings
from tray import app
from tray.link import desktop_entry
from tray.link.texts import text

HANDLER = (sys.executable, "-I", "-X", "utf8", "-m", "bridge.cli", "link", "open")


def link(argv: list[str]) -> int:
    """0: done and read back, 1: not so, 2: wrong usage."""
    if argv[:1] == ["open"]:
        # Desktops append the address where the command has no place for it (xdg-open does): it is dropped unread.
        return app.run(["--unless-running"])
    try:
        language = settings.language(settings.load())
    except settings.SettingsError as error:
        print(f"card-bridge: {error.text(settings.language())}", file=sys.stderr)
        return 2
    arguments = _parser(language).parse_args(argv)
    if sys.platform != "linux":
        return _refuse(text(language, "elsewhere"))
    places = desktop_entry.folders(os.environ, Path.home())
    try:
        return _carry_out(arguments.action, places, language)
    except (OSError, UnicodeDecodeError) as error:
        return _refuse(text(language, "failed", reason=error))


def _parser(language: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="card-bridge link", description=text(language, "about"))
    actions = parser.add_subparsers(dest="action", metavar="COMMAND", required=True)
    for name in ("install", "status", "uninstall"):
        told = text(language, f"help.{name}")
        actions.add_parser(name, help=told, description=told)
    return parser


def _carry_out(action: str, places: desktop_entry.Folders, language: str) -> int:
    if action == "install":
        desktop_entry.install(places, HANDLER)
    elif action == "uninstall":
        desktop_entry.uninstall(places)
    installed, handler = desktop_entry.is_installed(places, HANDLER), desktop_entry.handler(places)
    if installed:
        print(text(language, "installed"))
    elif handler is not None and handler != desktop_entry.NAME:
        print(text(language, "foreign", handler=handler))
    else:
        print(text(language, "absent"))
    return 0 if installed is (action != "uninstall") else 1


def _refuse(reason: str) -> int:
    print(f"card-bridge: {reason}", file=sys.stderr)
    return 1
