"""`card-bridge certs …`: what may be typed; what it does stands in `certs.commands`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from certs import commands, scope
from certs.errors import CertificatesError
from certs.scope import Scope
from certs.texts import Language, language, text


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. 0: done and read back; 1: not so; 2: wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = _parser(_language(arguments)).parse_args(arguments)
    try:
        return int(options.command(_order(options)))
    except CertificatesError as error:
        print(error.text(options.language), file=sys.stderr)
    except OSError as error:
        print(text(options.language, "failed", reason=error), file=sys.stderr)
    return 1


def _order(options: argparse.Namespace) -> commands.Order:
    """`--user` and `--machine` say whose certificates; without them those that the bridge uses here."""
    named = options.directory is not None
    whose: Scope = options.scope or (Scope.USER if named else scope.in_use())
    return commands.Order(
        scope=whose,
        directory=options.directory if named else scope.folder(whose),
        language=options.language,
        nss_databases=getattr(options, "nssdb", None),
        everything=getattr(options, "all", False),
        pem=getattr(options, "pem", None),
        der=getattr(options, "der", None),
    )


def _language(arguments: Sequence[str]) -> Language:
    # Help is printed while arguments are parsed: its language has to be known before.
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    early.add_argument("--language", choices=["ja", "en"], default=language())
    try:
        chosen: Language = early.parse_known_args(arguments)[0].language
    except argparse.ArgumentError:
        return language()  # the real parser reports it
    return chosen


def _parser(lang: Language) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge certs",
        description=text(lang, "about"),
        epilog=text(lang, "more"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = parser.add_subparsers(metavar="COMMAND", required=True)
    common, databases = _common(lang), _databases(lang)
    for name, command in commands.CHANGES.items():
        sub = known.add_parser(
            name, parents=[common, databases], help=text(lang, f"help.{name}"), description=text(lang, f"help.{name}")
        )
        sub.set_defaults(command=command)
        if name == "uninstall":
            sub.add_argument("--all", action="store_true", help=text(lang, "help.all"))
    first = known.add_parser(
        "first-start", parents=[common], help=text(lang, "help.first-start"), description=text(lang, "help.first-start")
    )
    first.set_defaults(command=commands.first_start)
    export = known.add_parser(
        "export", parents=[common], help=text(lang, "help.export"), description=text(lang, "help.export")
    )
    form = export.add_mutually_exclusive_group(required=True)
    form.add_argument("--pem", type=Path, metavar="FILE", help=text(lang, "help.pem"))
    form.add_argument("--der", type=Path, metavar="FILE", help=text(lang, "help.der"))
    export.set_defaults(command=commands.export)
    return parser


def _common(lang: Language) -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    whose = common.add_mutually_exclusive_group()
    for each in Scope:
        whose.add_argument(
            f"--{each.value}", dest="scope", action="store_const", const=each, help=text(lang, f"help.{each.value}")
        )
    common.add_argument("--directory", type=Path, metavar="DIR", help=text(lang, "help.directory"))
    common.add_argument("--language", choices=["ja", "en"], default=lang, help=text(lang, "help.language"))
    return common


def _databases(lang: Language) -> argparse.ArgumentParser:
    databases = argparse.ArgumentParser(add_help=False)
    databases.add_argument("--nssdb", type=Path, action="append", metavar="DIR", help=text(lang, "help.nssdb"))
    return databases


if __name__ == "__main__":
    sys.exit(main())
