"""`card-bridge portal fetch-crls`: keeps up the configured lists, and tells in time when one is about to end."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from portal.mail import office_letters
from portal.revocation import addresses, ca_certificates, ca_folder, directory, fetching, folder, outlook, points
from portal.revocation.acceptance import Unacceptable
from portal.revocation.fetching import Unreachable
from portal.revocation.outlook import Standing
from portal.revocation.settings import Fetching, Source
from portal.settings import Settings
from portal.signatures import trust_folders
from portal.signatures.signing import utc_now
from portal.store import Store, outbox
from portal.store.database import Database

UNFETCHED, ALARM = 3, 4
"""Exit codes: a source gave no list that counts; a list ends soon or has ended, which says more."""


async def run(arguments: argparse.Namespace, settings: Settings, store: Store) -> int:
    """0: all is well; 3: a source failed; 4: a list ends soon. Raises TrustError, OSError, StoreFault."""
    now, crls = utc_now(), settings.trust.crls
    sources = [*settings.revocation.sources, *points.sources(crls, settings.revocation.points)]
    failed = frozenset[str]() if arguments.check else await _fetched(sources, settings, now)
    standing = outlook.standings(crls, (source.file for source in sources if not source.is_certificate))
    for each in standing:
        print(each.told(now))
    alarms = outlook.alarms(standing, now, timedelta(hours=settings.revocation.warn_hours))
    for each in alarms:
        print(f"ALARM {each.told(now)}", file=sys.stderr)
    if alarms and settings.revocation.mail:
        await store.write(lambda db: _post(db, settings, alarms, now))
    if arguments.metrics is not None:
        folder.write(arguments.metrics, outlook.metrics(standing, failed, now).encode())
    return ALARM if alarms else UNFETCHED if failed else 0


async def _fetched(sources: Iterable[Source], settings: Settings, now: datetime) -> frozenset[str]:
    """The files whose sources failed."""
    authorities = await asyncio.to_thread(trust_folders.authorities, settings.trust)
    settings.trust.crls.mkdir(parents=True, exist_ok=True)
    failed = set()
    for source in sources:  # one after the other: a CA's server is no place for a crowd
        try:
            told = await _kept_up(source, settings, authorities, now)
        except (Unreachable, Unacceptable) as error:
            failed.add(source.file)
            print(f"portal: {source.file}: {error}", file=sys.stderr)
            continue
        print(f"{source.file}: {told or 'as it was'}")
    if settings.trust.fetched is not None:
        for name in await asyncio.to_thread(ca_folder.tidy, settings.trust.fetched, settings.trust, now):
            print(f"{name}: taken away, of no use any more")
    return frozenset(failed)


async def _kept_up(source: Source, settings: Settings, authorities: Iterable[Any], now: datetime) -> str:
    """What is new; empty: nothing. Raises Unreachable, Unacceptable."""
    limits, trust = settings.revocation, settings.trust
    data = await _read(source, limits)
    if not source.is_certificate:
        found = await asyncio.to_thread(folder.place, trust.crls, source.file, data, authorities, now)
        return "" if found is None else f"new, number {found.number or '-'}"
    assert trust.fetched is not None  # noqa: S101 - so the settings were checked
    new = await asyncio.to_thread(ca_folder.place, trust.fetched / source.file, data, authorities, now)
    return "new CA certificate" if new else ""


async def _read(source: Source, limits: Fetching) -> bytes:
    most = ca_certificates.MAX_BYTES if source.is_certificate else limits.megabytes * 1024 * 1024
    if source.path is not None:
        return await asyncio.to_thread(fetching.read, source.path, most)
    wanted = directory.CERTIFICATES if source.is_certificate else directory.LISTS
    return await fetching.fetch(addresses.parse(source.url), limits.seconds, most, wanted=wanted)


def _post(db: Database, settings: Settings, alarms: list[Standing], now: datetime) -> None:
    """Each state of a list is told once to each address: the timer comes again every hour."""
    for each in alarms:
        for mail in office_letters.list_ends(settings.agency, each.file, each.ends, settings.revocation.mail, now):
            if not outbox.holds(db, mail):
                outbox.post(db, [mail], now)
