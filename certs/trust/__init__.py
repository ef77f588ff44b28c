"""Trust stores: one file per kind, all behind `TrustStore`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from certs.trust.nss import NssStore
from certs.trust.port import Presence, TrustStore

_LINUX = sys.platform.startswith("linux")

__all__ = ["Presence", "TrustStore", "stores"]


def stores(nss_databases: Iterable[Path] | None = None) -> list[TrustStore]:
    """The trust stores that this platform's browsers read; `nss_databases` replaces the search for NSS databases."""
    if nss_databases is None and not _LINUX:
        return []
    return [NssStore(nss_databases)]
