"""Lists that certificates name themselves (distribution points), fetched where the settings allow the place.

A stranger writes certificates, too. So only one that a configured CA has signed is looked at, few of its addresses are
read, none is gone to that lies outside of the named places, each at most once in five minutes, two at a time, and what
comes is judged as every other list is. Nobody who did not ask for it waits.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509

from portal.refusals import Refused
from portal.revocation import acceptance, addresses, fetching, folder
from portal.revocation.acceptance import Unacceptable
from portal.revocation.addresses import Address
from portal.revocation.fetching import Unreachable
from portal.revocation.recently import Recently
from portal.revocation.settings import OWN, Source
from portal.revocation.underway import Underway
from portal.settings import Settings
from portal.signatures import trust_folders
from portal.signatures.cms import load
from portal.signatures.trust import Trust
from portal.signatures.trust_folders import TrustError

T = TypeVar("T")

MOST = 4
"""Addresses that are read of one certificate."""
PATIENCE = 8.0
"""Seconds that a person waits for a list; the fetch goes on."""
_AT_ONCE = 2
_log = logging.getLogger("portal.revocation")


class Points:
    """Used on the event loop alone; parsing and judging happen in threads."""

    def __init__(self, settings: Settings, trust: Trust, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._trust = trust
        self._clock = clock
        self._underway = Underway(self._fetch)
        self._tried = Recently()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def with_lists(self, certificate: bytes, verify: Callable[[], Awaitable[T]]) -> T:
        """What `verify` finds; where revocation data was missing and could be brought, what it finds then.

        Raises Refused, as `verify` does.
        """
        try:
            return await verify()
        except Refused as refusal:
            if refusal.code != "revocation_unavailable" or not await self.bring(certificate):
                raise
        return await verify()

    async def bring(self, certificate: bytes) -> bool:
        """Whether a list is here now that this certificate (DER), or one of the configured CAs', names."""
        if not self._settings.revocation.points:
            return False
        here, missing = await asyncio.to_thread(self._named, certificate)
        if not missing:
            return here  # it came while the certificate was judged
        done, _ = await asyncio.wait([self._underway.task(address) for address in missing], timeout=PATIENCE)
        return here or any(task.result() for task in done)

    def _named(self, certificate: bytes) -> tuple[bool, list[Address]]:
        """In a thread: whether any list is current of those that may be fetched, and which are not.

        Of a certificate that none of the configured CAs has signed: nothing.
        """
        now, crls = self._clock(), self._settings.trust.crls
        try:
            if not self._trust.vouches(certificate):
                return False, []
            above = [each.dump() for each in trust_folders.authorities(self._settings.trust)]
        except (Refused, TrustError):
            return False, []
        places = self._settings.revocation.points
        found = {each.text: each for der in (certificate, *above) for each in allowed(der, places)}
        missing = [each for each in found.values() if not _is_current(crls / file_of(each), now)]
        return len(missing) < len(found), missing

    async def _fetch(self, address: Address) -> bool:
        now, limits = self._clock(), self._settings.revocation
        if not self._tried.is_new(address.text, now):
            return False
        try:
            async with self._turn:
                most = limits.megabytes * 1024 * 1024
                data = await fetching.fetch(address, limits.seconds, most, networks=limits.private())
            return await asyncio.to_thread(self._place, address, data, now)
        except (Unreachable, Unacceptable, TrustError, OSError) as error:
            _log.warning("list not brought from %s: %s", address.host, error)
            return False

    def _place(self, address: Address, data: bytes, now: datetime) -> bool:
        crls, authorities = self._settings.trust.crls, trust_folders.authorities(self._settings.trust)
        placed = folder.place(crls, file_of(address), data, authorities, now) is not None
        if placed:
            folder.write((crls / file_of(address)).with_suffix(".url"), address.text.encode())
        return placed


def allowed(certificate: bytes, places: tuple[str, ...]) -> tuple[Address, ...]:
    """The few addresses in a certificate (DER) that may be gone to. Raises Refused (certificate_malformed)."""
    return addresses.allowed(_uris(load(certificate)), places, MOST)


def sources(crls: Path, places: tuple[str, ...]) -> list[Source]:
    """What was brought so far, to be kept up with the configured sources as long as its place is allowed."""
    notes = [note.read_text("utf-8", "replace") for note in sorted(crls.glob(f"{OWN}*.url"))]
    kept = [address for note in notes for address in addresses.allowed([note], places, 1)]
    return [Source(file_of(address), address.text) for address in kept]


def file_of(address: Address) -> str:
    return f"{OWN}{hashlib.sha256(address.text.encode()).hexdigest()[:32]}.crl"


def _uris(certificate: x509.Certificate) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return
    for point in found:
        for name in point.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier):
                yield name.value


def _is_current(file: Path, now: datetime) -> bool:
    try:
        crl = acceptance.read(folder.present(file) or b"")
    except Unacceptable:
        return False
    return crl.next_update is not None and crl.this_update <= now < crl.next_update
