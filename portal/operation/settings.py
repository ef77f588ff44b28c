"""Where the portal tells those who run it how it is. Part of the portal's settings (portal.settings)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Watching:
    """A listener of its own, without TLS, for health checks and Prometheus; `port` 0: none."""

    host: str = "127.0.0.1"
    port: int = 0
    free_mebibytes: int = 256  # of the database's disk; below, the portal is not ready


@dataclass(frozen=True, slots=True)
class Log:
    """Where the log goes; no file: to stderr, for the journal. A file that was moved away is begun anew."""

    file: Path | None = None


def fault(watch: Watching) -> str | None:
    """What is wrong with these settings: key and reason."""
    if not 0 <= watch.port <= 65535:
        return "port: expected 0 to 65535"
    if watch.free_mebibytes < 0:
        return "free_mebibytes: expected 0 or more"
    try:
        ipaddress.ip_address(watch.host)
    except ValueError:
        return "host: expected an address"
    return None
