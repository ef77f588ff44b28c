"""`card-bridge origins list | allow | revoke`: the person's grants in a terminal. A running bridge follows at once."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bridge import settings
from bridge.consent.grants import Grant, Grants
from bridge.gate.origins import NotKept
from bridge.origin import is_acceptable
from bridge.settings import Settings, SettingsError


class Row(NamedTuple):
    origin: str
    by: str
    """policy | person | once."""
    since: str
    """RFC 3339 of a grant; of policy the file that says so."""


def origins(argv: list[str]) -> int:
    """Exit status 1: the list is fixed or was not changed, 2: what was typed or the settings cannot be used."""
    arguments = _parser().parse_args(argv)
    try:
        loaded = settings.load(arguments.config)
    except SettingsError as error:
        print(f"card-bridge: {error.text(settings.language())}", file=sys.stderr)
        return 2
    grants = Grants(settings.grants_file(loaded), lambda: datetime.now(UTC))
    try:
        if arguments.action == "list":
            return _list(loaded, grants, as_json=arguments.json)
        return _change(arguments.action, arguments.origin, loaded, grants)
    except NotKept as error:
        print(f"card-bridge: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge origins",
        description="Which sites may use the card bridge: those of the settings and those that you allowed. "
        "A running bridge follows at once; revoking closes the site's connections.",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this settings file instead of the usual ones")
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="every site that may, and by whom")
    listing.add_argument("--json", action="store_true", help="the same as JSON")
    for name, text in (("allow", "allow a site for good"), ("revoke", "take a site's permission back")):
        actions.add_parser(name, help=text).add_argument("origin", metavar="https://HOST[:PORT]")
    return parser


def _list(loaded: Settings, grants: Grants, *, as_json: bool) -> int:
    rows = list(_rows(loaded, grants))
    if as_json:
        print(json.dumps({"locked": loaded.origins.locked, "origins": [row._asdict() for row in rows]}, indent=1))
        return 0
    for row in rows:
        print(f"{row.origin}  {row.by}  {row.since}")
    if not rows:
        print("no site is allowed")
    if loaded.origins.locked:
        print(f"The list is fixed by {loaded.source('origins.locked')}.")
    return 0


def _rows(loaded: Settings, grants: Grants) -> Iterator[Row]:
    for origin in sorted(loaded.origins.allowed):
        yield Row(origin, "policy", loaded.source("origins.allowed"))
    if not loaded.origins.locked:
        for origin, grant in sorted(grants.read().items()):
            yield Row(origin, _by(grant), grant.at)


def _by(grant: Grant) -> str:
    return "once" if grant.run else "person"


def _change(action: str, typed: str, loaded: Settings, grants: Grants) -> int:
    origin = as_browsers_write(typed)
    if not is_acceptable(origin, development=loaded.origins.development):
        return _say(f"{typed!r} is not an origin such as https://portal.example", 2)
    if loaded.origins.locked:
        return _say(f"the list is fixed by {loaded.source('origins.locked')}: ask your administrator", 1)
    if action == "allow":
        grants.allow(origin, once=False)
        print(f"allowed: {origin}")
        return 0
    if origin not in grants.read():
        return _say(f"{origin} was not allowed here; 'card-bridge origins list' shows what is", 1)
    grants.revoke(origin)
    print(f"revoked: {origin}")
    return 0


def as_browsers_write(typed: str) -> str:
    """What a person copies from the address bar as an origin: lower case, punycode, no path and no default port."""
    try:
        parts = urlsplit(typed.strip())
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        return typed
    if not host or parts.username is not None:
        return typed
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, 443) else "")


def _say(text: str, status: int) -> int:
    print(f"card-bridge: {text}", file=sys.stderr)
    return status
