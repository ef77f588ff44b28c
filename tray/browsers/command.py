"""`card-bridge browsers allow | status | revoke`: an administrator lets portals reach the bridge unasked."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence

from bridge.origin import is_acceptable
from certs.errors import PolicyRefused
from certs.texts import language
from tray.browsers import places
from tray.browsers.policies import Standing
from tray.browsers.texts import standing, text


def browsers(argv: Sequence[str]) -> int:
    """0: done and read back, 1: not so, 2: wrong usage."""
    arguments = _parser(_language(argv)).parse_args(argv)
    tongue = arguments.language
    refused = [origin for origin in getattr(arguments, "origins", []) if not is_acceptable(origin, development=False)]
    if refused:
        return _refuse(text(tongue, "not_an_origin", origin=ascii(refused[0])), 2)
    try:
        return _carry_out(arguments, tongue)
    except places.Unsupported:
        return _refuse(text(tongue, "elsewhere"), 1)
    except PolicyRefused as error:
        return _refuse(text(tongue, "unreadable", place=error.place, reason=error.reason), 1)
    except OSError as error:
        return _refuse(text(tongue, "failed", reason=error.strerror or error), 1)


def _carry_out(arguments: argparse.Namespace, tongue: str) -> int:
    if arguments.action == "status":
        return _report(places.status(), tongue)
    if arguments.action == "revoke":
        left = places.revoke()
        _report(left, tongue)
        done = int(bool(left))
    else:
        done = _report(places.allow(arguments.origins), tongue)
    print(text(tongue, "restart"))
    return done


def _report(found: list[Standing], tongue: str) -> int:
    """1 when some entry counts for nothing."""
    for each in found:
        print(standing(tongue, each))
    if not found:
        print(text(tongue, "none"))
    return int(not all(each.in_force for each in found))


def _language(argv: Sequence[str]) -> str:
    # Help is printed while arguments are parsed: its language has to be known before.
    return next((word for before, word in itertools.pairwise(argv) if before == "--language"), language())


def _parser(tongue: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="card-bridge browsers", description=text(tongue, "about"))
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--language", choices=["ja", "en"], default=language(), help=text(tongue, "help.language"))
    actions = parser.add_subparsers(dest="action", metavar="COMMAND", required=True)
    for name in ("allow", "status", "revoke"):
        told = text(tongue, f"help.{name}")
        action = actions.add_parser(name, parents=[common], help=told, description=told)
        if name == "allow":
            action.add_argument("origins", nargs="+", metavar="https://HOST[:PORT]")
    return parser


def _refuse(reason: str, status: int) -> int:
    print(f"card-bridge: {reason}", file=sys.stderr)
    return status
