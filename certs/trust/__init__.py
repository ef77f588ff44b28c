"""Trust stores: one file per kind, all behind `TrustStore`. A platform's stores are loaded on that platform alone."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from certs.scope import Scope
from certs.trust.port import Clearing, Presence, TrustStore

_PLATFORM: str = sys.platform
_LINUX = _PLATFORM.startswith("linux")

__all__ = ["Clearing", "Presence", "TrustStore", "clearings", "stores"]


def stores(scope: Scope, nss_databases: Iterable[Path] | None = None) -> list[TrustStore]:
    """Where this scope's root has to be trusted; `nss_databases` replaces them all by these NSS databases."""
    from certs.trust.nss import NssStore

    if nss_databases is not None:
        return [NssStore(nss_databases)]
    if _PLATFORM == "win32":
        from certs.trust.windows import WindowsStore

        return [WindowsStore(scope)]
    if _PLATFORM == "darwin":
        from certs.trust.macos import MacStore

        return [MacStore(scope)]
    if not _LINUX:
        return []
    return [NssStore()] if scope is Scope.USER else _linux_machine()


def clearings(scope: Scope, nss_databases: Iterable[Path] | None = None) -> list[Clearing]:
    """Where a root is taken out: the stores, and what browsers copied from them by themselves."""
    found: list[Clearing] = [*stores(scope, nss_databases)]
    if scope is Scope.MACHINE and nss_databases is None and _LINUX:
        from certs.trust.nss import EveryonesNss

        found.append(EveryonesNss())
    return found


def _linux_machine() -> list[TrustStore]:
    from certs.trust.chromium_policy import ChromiumPolicy
    from certs.trust.firefox_policy import FirefoxPolicy
    from certs.trust.linux import LinuxStore

    return [LinuxStore(), ChromiumPolicy(), FirefoxPolicy()]
