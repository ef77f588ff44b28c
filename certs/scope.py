"""For whom certificates are made, and the folder that keeps them."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path

# On the daemon's start-up path: what is not always needed is loaded where it is.
_LINUX = sys.platform.startswith("linux")


class Scope(Enum):
    """`USER`: one person, whose files nobody else can read. `MACHINE`: every user of this computer reads the leaves."""

    USER = "user"
    MACHINE = "machine"


def folder(scope: Scope) -> Path:
    """Where certificates of this scope are kept when no setting says otherwise."""
    import platformdirs

    if scope is Scope.USER:
        return platformdirs.user_data_path("card-bridge", appauthor=False) / "tls"
    if _LINUX:
        return Path("/var/lib/card-bridge/tls")  # FHS 3.0 §5.8: what a program keeps for this host
    return platformdirs.site_data_path("card-bridge", appauthor=False) / "tls"


def in_use() -> Scope:
    """The machine's certificates where an administrator made some, else the person's own."""
    from certs import store

    return Scope.MACHINE if store.exists(folder(Scope.MACHINE)) else Scope.USER
