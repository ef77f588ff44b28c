"""`card-bridge installation STEP`: for the installer alone, whose log keeps what is printed."""

from __future__ import annotations

import argparse
import sys

from bridge import settings


def installation(argv: list[str]) -> int:
    """0: done, 1: not so, 2: wrong usage or system."""
    parser = argparse.ArgumentParser(
        prog="card-bridge installation", description="The installer's own steps. Nobody else needs them."
    )
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    stop = steps.add_parser("stop", help="end the bridges of all sessions")
    stop.add_argument("--remember", action="store_true", help="so that start knows whose")
    steps.add_parser("start", help="start a bridge in each session that stop remembered, as that session's user")
    steps.add_parser("folder", help="give the machine's folder to administrators, and others the right to read it")
    steps.add_parser("check", help="refuse what the installer was told and the bridge could not use")
    steps.add_parser("browsers", help="browsers' policies as the installer was told")
    arguments = parser.parse_args(argv)
    return _carry_out(arguments)


if sys.platform == "win32":

    def _carry_out(arguments: argparse.Namespace) -> int:
        from tray.installation import windows_properties, windows_steps

        match arguments.step:
            case "stop":
                return windows_steps.stop(remember=arguments.remember)
            case "start":
                return windows_steps.start()
            case "check":
                return windows_properties.check()
            case "browsers":
                return windows_properties.browsers()
        return windows_steps.folder(settings.machine_file().parent)

else:

    def _carry_out(_arguments: argparse.Namespace) -> int:
        print("card-bridge: this is a part of the installer for Windows", file=sys.stderr)
        return 2
