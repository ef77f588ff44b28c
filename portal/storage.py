"""Where the portal's data lie. Part of the portal's settings (portal.settings), which load no database's driver."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SCHEMES = ("postgresql", "postgres")
"""Of libpq's connection URIs (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING)."""
_SECRETS = ("password", "sslpassword")
_CHECKED = ("verify-full", "verify-ca")


@dataclass(frozen=True, slots=True)
class Postgresql:
    """How the portal uses a PostgreSQL server, where `database` names one."""

    password_file: Path | None = None  # its first line; None: peer authentication, ~/.pgpass or a client certificate
    connections: int = 8  # at most, of each portal process
    connect_seconds: int = 5  # until a server that does not answer counts as gone
    statement_seconds: int = 10  # for one statement of a request, waiting for others included


def fault(server: Postgresql) -> str | None:
    """What is wrong with these settings: key and reason."""
    if not 1 <= server.connections <= 200:
        return "connections: expected 1 to 200"
    if not 2 <= server.connect_seconds <= 60:  # libpq takes 1 for 2
        return "connect_seconds: expected 2 to 60"
    if not 1 <= server.statement_seconds <= 600:
        return "statement_seconds: expected 1 to 600"
    return None


def place_fault(place: Path | str) -> str | None:
    """What is wrong with an address of a database."""
    if isinstance(place, Path):
        return None
    try:
        parts = urlsplit(place)
        given = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        return "expected postgresql://user@host/name"
    if parts.scheme not in SCHEMES:
        return "expected a path, or postgresql://user@host/name"
    if parts.password is not None or not given.keys().isdisjoint(_SECRETS):
        return "no password here: it belongs into postgresql.password_file, or into ~/.pgpass"
    if not parts.path.strip("/"):
        return "the address names no database: expected postgresql://user@host/name"
    hosts = [*given.get("host", []), *([_host(parts.netloc)] if parts.hostname else [])]
    far = [host for each in hosts for host in each.split(",") if not _is_near(host)]
    if far and not set(given.get("sslmode", [""])) <= set(_CHECKED):
        return f"{far[0]} is another machine: add ?sslmode=verify-full, so that it is that server and nobody listens"
    return None


def practice_of(place: str) -> str:
    """The address of the database for practice beside one: `…/portal` → `…/portal_practice`."""
    parts = urlsplit(place)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}_practice{query}"


def _host(netloc: str) -> str:
    """Of an address, or several of one: `a:1,b:2` → `a,b`."""
    return ",".join(each.rpartition("@")[2].removeprefix("[").split("]")[0] if "[" in each else _name(each)
                    for each in netloc.split(","))  # fmt: skip


def _name(one: str) -> str:
    return one.rpartition("@")[2].partition(":")[0]


def _is_near(host: str) -> bool:
    """A Unix socket's folder, or this machine itself."""
    if not host or host.startswith(("/", "@", "%2F", "%2f")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
