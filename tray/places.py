"""Where the programs that are composed here keep what the bridge is handed. On the daemon's start-up path."""

from __future__ import annotations

from pathlib import Path

from bridge.settings import Settings
from certs import scope


def tls_directory(loaded: Settings) -> Path:
    if loaded.tls.directory:
        return Path(loaded.tls.directory)
    return scope.folder(scope.in_use())
