"""Where the programs that are composed here keep what the bridge is handed. On the daemon's start-up path."""

from __future__ import annotations

from pathlib import Path

from bridge.settings import Settings
from certs import first_start, scope


def tls_directory(loaded: Settings) -> Path:
    if loaded.tls.directory:
        return Path(loaded.tls.directory)
    return scope.folder(scope.in_use())


def await_first_start(loaded: Settings, seconds: float) -> None:
    """Before any certificate is made or looked for: on a golden image none is to be. Raises CertificatesError."""
    if not loaded.tls.directory:
        first_start.demand(seconds)
