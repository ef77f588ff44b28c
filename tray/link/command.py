"""`card-bridge link install | status | uninstall`, and `open`, which the registered handler calls."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bridge import settings
from tray.link.registration import Found, Holder, Registration
from tray.link.texts import text

HANDLER = (sys.executable, "-I", "-X", "utf8", "-m", "bridge.cli", "link", "open")


def link(argv: list[str]) -> int:
    """0: done and read back, 1: not so, 2: wrong usage."""
    if argv[:1] == ["open"]:
        from tray import app  # the daemon's libraries only where it starts

        # Desktops append the address where the command has no place for it (xdg-open does): it is dropped unread.
        return app.run(["--unless-running"])
    try:
        language = settings.language(settings.load())
    except settings.SettingsError as error:
        print(f"card-bridge: {error.text(settings.language())}", file=sys.stderr)
        return 2
    arguments = _parser(language).parse_args(argv)
    try:
        found = _carry_out(_registration(), arguments.action)
    except (OSError, UnicodeDecodeError) as error:
        print(f"card-bridge: {text(language, 'failed', reason=error)}", file=sys.stderr)
        return 1
    print(text(language, found.holder, handler=found.handler))
    if sys.platform == "darwin" and found.holder is Holder.OURS:
        print(text(language, "untried"))
    return _status(arguments.action, found)


def _parser(language: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="card-bridge link", description=text(language, "about"))
    actions = parser.add_subparsers(dest="action", metavar="COMMAND", required=True)
    for name in ("install", "status", "uninstall"):
        told = text(language, f"help.{name}")
        actions.add_parser(name, help=told, description=told)
    return parser


def _registration() -> Registration:
    if sys.platform == "win32":
        from tray.link import registry

        return registry.UserClasses(HANDLER)
    if sys.platform == "darwin":
        from tray.link import bundle

        return bundle.Bundle(Path.home() / "Applications", HANDLER)
    from tray.link import desktop_entry

    return desktop_entry.UserEntry(desktop_entry.folders(os.environ, Path.home()), HANDLER)


def _carry_out(registration: Registration, action: str) -> Found:
    """What stands registered after it."""
    if action == "install":
        registration.install()
    elif action == "uninstall":
        registration.uninstall()
    return registration.find()


def _status(action: str, found: Found) -> int:
    if action == "uninstall":
        return 1 if found.holder is Holder.OURS else 0
    return 0 if found.holder in (Holder.OURS, Holder.EVERYBODY) else 1
