"""Figures of what operators have to act upon. Names and labels are an interface (docs/portal-operation.md)."""

from __future__ import annotations

import contextlib
from pathlib import Path

from cryptography import x509
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from portal.settings import Settings
from portal.store import Store, StoreFault, outbox

_DESCRIPTORS = Path("/proc/self/fd")


class Upkeep:
    """Looked up when somebody asks; what cannot be told now stays as it was."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._registry = made = CollectorRegistry()
        self._ready = Gauge("portal_ready", "1: somebody could register now, as /readyz says", registry=made)
        self._unsent = Gauge("portal_mails_unsent", "Mails that are not tried any more", ["state"], registry=made)
        self._certificate = Gauge("portal_tls_certificate_ends", "notAfter of the listener's own", registry=made)
        # Ours, since the client's collector is silent where /proc shows processes alone (the unit's ProcSubset=pid).
        self._open = Gauge("portal_descriptors_open", "Files and connections that are open", registry=made)
        self._most = Gauge("portal_descriptors_limit", "How many there may be", registry=made)

    async def text(self, *, ready: bool) -> bytes:
        """The exposition format (text, version 0.0.4)."""
        self._ready.set(ready)
        with contextlib.suppress(StoreFault):
            stand = await self._store.read(outbox.tally)
            self._unsent.labels("refused").set(stand.refused)
            self._unsent.labels("failed").set(stand.failed)
        with contextlib.suppress(OSError, ValueError):  # while somebody puts a new one there
            self._certificate.set(_ends(self._settings.tls.certificate))
        self._tell_descriptors()
        return generate_latest(self._registry)

    def _tell_descriptors(self) -> None:
        if _DESCRIPTORS.is_dir():
            self._open.set(sum(1 for _ in _DESCRIPTORS.iterdir()))
            self._most.set(_limit())


def _ends(certificate: Path) -> float:
    """Of the file, whose first certificate is the listener's: until when it is good, seconds since 1970."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc.timestamp()


def _limit() -> int:
    import resource  # where there is /proc; Windows has neither

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
