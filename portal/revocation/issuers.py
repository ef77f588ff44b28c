"""Intermediate CA certificates that certificates say where to find (caIssuers, RFC 5280 §4.2.2.1).

Nobody whom we know vouches for a certificate of an unknown CA, so its addresses are a stranger's. None is gone to that
lies outside of the named places, so many in all in five minutes and no more, each once; at most three steps up. What is
found there counts only when it leads to a CA that is configured, and then as an intermediate in a folder apart: never
as an anchor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from portal.refusals import Refused
from portal.revocation import addresses, ca_certificates, ca_folder, directory, fetching
from portal.revocation.acceptance import Unacceptable
from portal.revocation.addresses import Address
from portal.revocation.fetching import Unreachable
from portal.revocation.recently import Recently
from portal.revocation.underway import Underway
from portal.settings import Settings
from portal.signatures.cms import load
from portal.signatures.trust import Trust

T = TypeVar("T")

MOST = 2
"""Addresses that are read of one certificate."""
STEPS = 3
IN_ALL = 30
"""Addresses that are gone to within five minutes, whatever strangers send."""
PATIENCE = 8.0
"""Seconds that a person waits for it; what was begun goes on."""
_AT_ONCE = 2
_log = logging.getLogger("portal.revocation")


class Issuers:
    """Used on the event loop alone; parsing and judging happen in threads."""

    def __init__(self, settings: Settings, trust: Trust, clock: Callable[[], datetime]) -> None:
        self._limits = settings.revocation
        self._folder = settings.trust.fetched
        self._trust = trust
        self._clock = clock
        self._underway = Underway(self._fetch)
        self._answers: dict[str, tuple[bytes, ...]] = {}
        self._climbing: set[asyncio.Task[bool]] = set()
        self._tried = Recently()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def with_issuers(self, certificate: bytes, verify: Callable[[], Awaitable[T]]) -> T:
        """What `verify` finds; where the CA was unknown and its certificate could be brought, what it finds then.

        Raises Refused, as `verify` does.
        """
        try:
            return await verify()
        except Refused as refusal:
            if refusal.code != "certificate_untrusted" or not await self.bring(certificate):
                raise
        return await verify()

    async def bring(self, certificate: bytes) -> bool:
        """Whether a CA certificate is here now that was not, and by which this one (DER) leads to a configured CA."""
        if self._folder is None or not self._limits.issuers:
            return False
        task = asyncio.create_task(self._climb(certificate, self._folder))
        self._climbing.add(task)
        task.add_done_callback(self._climbing.discard)
        done, _ = await asyncio.wait([task], timeout=PATIENCE)
        return any(each.result() for each in done)

    async def _climb(self, certificate: bytes, target: Path) -> bool:
        """From the certificate up, until somebody is known."""
        below, found = certificate, list[bytes]()
        try:
            if await asyncio.to_thread(self._trust.vouches, certificate):
                return True  # it came while this one was judged; or something else is wrong, and will be again
            for _ in range(STEPS):
                above = await self._above(below)
                if above is None or above in found:
                    return False
                found.append(above)
                if await asyncio.to_thread(self._trust.vouches, above):
                    return await asyncio.to_thread(ca_folder.keep, target, found)
                below = above
        except (Refused, OSError) as error:
            _log.warning("CA certificates not brought: %s", error)
        return False

    async def _above(self, below: bytes) -> bytes | None:
        """The CA certificate that signed this one, from the addresses in it. Raises Refused."""
        for address in await asyncio.to_thread(allowed, below, self._limits.issuers):
            candidates = await asyncio.shield(self._underway.task(address))
            found = await asyncio.to_thread(ca_certificates.issuer_of, below, candidates, self._clock())
            if found is not None:
                return found
        return None

    async def _fetch(self, address: Address) -> tuple[bytes, ...]:
        """The certificates there, or those of a moment ago; none where it may not be asked or gives none."""
        now, limits = self._clock(), self._limits
        if self._tried.count(now) >= IN_ALL or not self._tried.is_new(address.text, now):
            return self._answers.get(address.text, ())  # whoever comes while it is looked at finds it, too
        try:
            async with self._turn:
                data = await fetch(address, limits.seconds, limits.private())
            found = await asyncio.to_thread(ca_certificates.read, data)
        except (Unreachable, Unacceptable) as error:
            _log.warning("CA certificate not brought from %s: %s", address.host, error)
            found = ()
        while len(self._answers) >= IN_ALL:
            self._answers.pop(next(iter(self._answers)))
        self._answers[address.text] = found
        return found


async def fetch(address: Address, seconds: float, networks: addresses.Networks | None) -> bytes:
    """Raises Unreachable."""
    most, wanted = ca_certificates.MAX_BYTES, directory.CERTIFICATES
    return await fetching.fetch(address, seconds, most, wanted=wanted, networks=networks)


def allowed(certificate: bytes, places: tuple[str, ...]) -> tuple[Address, ...]:
    """The few addresses in a certificate (DER) that may be gone to. Raises Refused (certificate_malformed)."""
    return addresses.allowed(_uris(load(certificate)), places, MOST)


def _uris(certificate: x509.Certificate) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return
    for access in found:
        place = access.access_location
        named = access.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        if named and isinstance(place, x509.UniformResourceIdentifier):
            yield place.value
