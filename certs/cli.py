"""`card-bridge certs …`: every command ends by reading back what it did and fails if that is not as wanted."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from certs import context, store
from certs.errors import CertificatesError, Missing
from certs.texts import Language, language, text
from certs.trust import Presence, TrustStore, stores

_DAY = 86400


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. 0: done and read back; 1: not so; 2: wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = _parser(_language(arguments)).parse_args(arguments)
    try:
        return int(options.command(options))
    except CertificatesError as error:
        print(error.text(options.language), file=sys.stderr)
    except OSError as error:
        print(text(options.language, "failed", reason=error), file=sys.stderr)
    return 1


def default_directory() -> Path:
    """Where this user's certificates are kept."""
    return platformdirs.user_data_path("card-bridge", appauthor=False) / "tls"


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
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--directory", type=Path, default=default_directory(), metavar="DIR", help=text(lang, "help.directory")
    )
    common.add_argument("--language", choices=["ja", "en"], default=lang, help=text(lang, "help.language"))
    databases = argparse.ArgumentParser(add_help=False)
    databases.add_argument("--nssdb", type=Path, action="append", metavar="DIR", help=text(lang, "help.nssdb"))
    parser = argparse.ArgumentParser(
        prog="card-bridge certs",
        description=text(lang, "about"),
        epilog=text(lang, "more"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in (("install", _install), ("status", _status), ("renew", _renew), ("uninstall", _uninstall)):
        sub = commands.add_parser(
            name, parents=[common, databases], help=text(lang, f"help.{name}"), description=text(lang, f"help.{name}")
        )
        sub.set_defaults(command=command)
        if name == "uninstall":
            sub.add_argument("--all", action="store_true", help=text(lang, "help.all"))
    export = commands.add_parser(
        "export", parents=[common], help=text(lang, "help.export"), description=text(lang, "help.export")
    )
    form = export.add_mutually_exclusive_group(required=True)
    form.add_argument("--pem", type=Path, metavar="FILE", help=text(lang, "help.pem"))
    form.add_argument("--der", type=Path, metavar="FILE", help=text(lang, "help.der"))
    export.set_defaults(command=_export)
    return parser


def _install(options: argparse.Namespace) -> int:
    certificates = context.ensure(options.directory, time.time())
    store.write_root(options.directory, certificates.root)
    new = _install_root(options, certificates.root)
    done = _report(options, _stores(options), certificates)
    if new:
        print(text(options.language, "restart"))
    return done


def _status(options: argparse.Namespace) -> int:
    return _report(options, _stores(options), store.load(options.directory))


def _renew(options: argparse.Namespace) -> int:
    """The new root is trusted before it is used, the old one taken out afterwards: never is none trusted."""
    from certs import authority

    old = _known_root(options.directory)
    issued = authority.issue(time.time())
    _install_root(options, issued.root)
    certificates = store.save(options.directory, issued.root, issued.leaves)
    if old is not None:
        for trust in _stores(options):
            trust.uninstall(old)
    done = _report(options, _stores(options), certificates)
    print(text(options.language, "restart"))
    print(text(options.language, "daemon"))
    return done


def _uninstall(options: argparse.Namespace) -> int:
    root = None if options.all else _known_root(options.directory)
    left = False
    for trust in _stores(options):
        presences = trust.uninstall(root) if root is not None or options.all else trust.status(None)
        _print_presences(options.language, presences)
        left = left or any(p.trusted or p.trouble or (options.all and p.others) for p in presences)
    if left:
        # The folder names the root that is still trusted somewhere: without it a second attempt could not find it.
        print(text(options.language, "kept", directory=options.directory), file=sys.stderr)
        return 1
    store.remove(options.directory)
    print(text(options.language, "gone", directory=options.directory))
    print(text(options.language, "restart"))
    return int(store.exists(options.directory))


def _export(options: argparse.Namespace) -> int:
    root = store.read_index(options.directory).root
    file: Path = options.der or options.pem
    wanted = root if options.der else store.pem(root)
    file.write_bytes(wanted)
    print(text(options.language, "written", file=file, fingerprint=_fingerprint(root)))
    return int(file.read_bytes() != wanted)


def _stores(options: argparse.Namespace) -> list[TrustStore]:
    return stores(options.nssdb)


def _known_root(directory: Path) -> bytes | None:
    try:
        return store.read_index(directory).root
    except CertificatesError as error:
        if not isinstance(error, Missing):
            print(error, file=sys.stderr)
        return None


def _install_root(options: argparse.Namespace, root: bytes) -> bool:
    """Whether any place was changed."""
    before = {p.place for trust in _stores(options) for p in trust.status(root) if p.trusted}
    after = {p.place for trust in _stores(options) for p in trust.install(root) if p.trusted}
    return bool(after - before)


def _report(options: argparse.Namespace, trusts: list[TrustStore], certificates: store.Certificates) -> int:
    """Reads everything back and prints it. 1 when some browser does not trust the root."""
    _print_certificates(options.language, certificates)
    if not trusts:
        print(text(options.language, "no_store"))
        return 0
    presences = [p for trust in trusts for p in trust.status(certificates.root)]
    _print_presences(options.language, presences)
    return int(not presences or any(not p.trusted for p in presences))


def _print_certificates(lang: Language, certificates: store.Certificates) -> None:
    now = time.time()
    leaves = certificates.leaves
    print(text(lang, "root", fingerprint=_fingerprint(certificates.root)))
    for n, leaf in enumerate(leaves, 1):
        mark = text(lang, "in_use") if leaf == context.current(leaves, now) else ""
        start, end = (datetime.fromtimestamp(moment, UTC).date() for moment in (leaf.not_before, leaf.not_after))
        print(text(lang, "window", n=n, count=len(leaves), start=start, end=end, now=mark))
    days = int((leaves[-1].not_after - now) // _DAY)
    if days < 365:
        print(text(lang, "last", days=days))


def _print_presences(lang: Language, presences: list[Presence]) -> None:
    if not presences:
        print(text(lang, "no_place"))
    for presence in presences:
        print(text(lang, "trusted" if presence.trusted else "untrusted", place=presence.place))
        if presence.trouble is not None:
            print(f"  {presence.trouble.text(lang)}")
        for name in presence.others:
            print(text(lang, "other", name=name))


def _fingerprint(root: bytes) -> str:
    return hashlib.sha256(root).digest().hex(":").upper()  # as browsers show it


if __name__ == "__main__":
    sys.exit(main())
