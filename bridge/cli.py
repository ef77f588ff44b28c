"""The command `card-bridge`: a table of commands, each in the program that it belongs to.

The four packages meet nowhere but here and in the composition roots under `tray`; commands are named, and loaded when
called, so that `card-bridge --version` costs nothing and no package depends on another because of a command line.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from typing import NamedTuple

from bridge.version import VERSION


class Command(NamedTuple):
    entry: str
    """module:function, called with the remaining arguments, returning an exit status."""
    help: str
    needs: str = ""
    """A package that an installation may come without: bidders' PCs have no portal."""

    @property
    def present(self) -> bool:
        return not self.needs or importlib.util.find_spec(self.needs) is not None


COMMANDS = {
    "run": Command("tray.app:run", "start the bridge with its tray icon (--no-tray: without)"),
    "stop": Command("tray.stop.command:stop", "end the bridge that runs; its windows close, no PIN try is spent"),
    "setup": Command("tray.first_run.cli:setup", "the first run: certificates, browser, card, a test signature"),
    "demo": Command("tray.demo:run", "bridge, portal and practice card on this computer, ready to register", "portal"),
    "cards": Command("bridge.commands:cards", "list readers, cards and certificates"),
    "sign": Command("bridge.sign_command:sign", "sign files with the card: one window, one PIN (cades-detached, …)"),
    "verify": Command("portal.verification.command:verify", "is a signature file valid? --trust FOLDER", "portal"),
    "doctor": Command("tray.doctor:run", "check this computer, one line per cause"),
    "explain": Command("bridge.explain.command:run", "what a code means, what to do next: pin_locked, or an old 03002"),
    "origins": Command("bridge.consent.command:origins", "which sites may use the bridge: list, allow, revoke"),
    "browsers": Command(
        "tray.browsers.command:browsers", "for administrators: portals that browsers need not ask about"
    ),
    "audit": Command("bridge.audit.command:audit", "the record of signatures: list, verify, export, receipt"),
    "certs": Command("certs.cli:main", "the bridge's own TLS certificates: install, status, renew, uninstall, export"),
    "link": Command("tray.link.command:link", "card-bridge: links of pages: install, status, uninstall"),
    "autostart": Command(
        "tray.autostart.command:autostart", "whether the bridge starts at your log-on: on, off, status"
    ),
    "installation": Command("tray.installation.command:installation", "steps of the installer for Windows"),
    "portal": Command(
        "portal.cli:main", "the registration backend: serve, import-contractors, list, show, …", "portal"
    ),
    "choices": Command("bridge.commands:choices", "the certificates chosen for each site: list, forget"),
    "practice": Command(
        "bridge.commands:practice", "the practice cards: insert, remove, swap, reset, state, --scenario NAME"
    ),
}

USAGE = """usage: card-bridge COMMAND [OPTION …]
       card-bridge --version | --help

The local card bridge for Japanese e-bidding (電子入札カードブリッジ).

commands:
{commands}

'card-bridge COMMAND --help' tells more about one command.
"""


def main(argv: list[str] | None = None) -> int:
    """Entry point of the console script; returns the exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    match arguments:
        case ["--version" | "-V"]:
            print(f"card-bridge {VERSION}")
            return 0
        case ["--help" | "-h"]:
            print(usage(), end="")
            return 0
        case [name, *_] if name in COMMANDS and not COMMANDS[name].present:
            print(f"card-bridge: {name} is not part of this installation; it comes with the sources", file=sys.stderr)
        case [name, *rest] if name in COMMANDS:
            return _load(COMMANDS[name])(rest)
        case [unknown, *_]:
            print(f"card-bridge: unknown command {unknown!r}", file=sys.stderr)
    print(usage(), end="", file=sys.stderr)
    return 2


def usage() -> str:
    """The commands that are there."""
    present = {name: command.help for name, command in COMMANDS.items() if command.present}
    width = max(map(len, present)) + 2
    return USAGE.format(commands="\n".join(f"  {name:<{width}}{text}" for name, text in present.items()))


def _load(command: Command) -> Callable[[list[str]], int]:
    module, _, function = command.entry.partition(":")
    loaded: Callable[[list[str]], int] = getattr(importlib.import_module(module), function)
    return loaded


if __name__ == "__main__":
    sys.exit(main())
