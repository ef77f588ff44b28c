"""Where revocation lists come from, and whom to tell when one is about to end. Table [revocation]."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.mail import addresses as mail_addresses
from portal.revocation import addresses, directory

_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.crl", re.ASCII)
OWN = "point-"
"""The names of lists that were fetched because a certificate named them begin so."""


@dataclass(frozen=True, slots=True)
class Source:
    """A list that `fetch-crls` keeps up in `file` of `trust.crls`: from `url` (http, https, ldap, ldaps) or `path`."""

    file: str
    url: str = ""
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Fetching:
    """`points`: where certificates' distribution points may lead; none: nothing that a certificate names is fetched.

    `seconds` and `megabytes` bound each fetch; `warn_hours` before a list ends it is an alarm, told to `mail`.
    """

    sources: tuple[Source, ...] = ()
    points: tuple[str, ...] = ()
    seconds: int = 20
    megabytes: int = 64
    warn_hours: int = 24
    mail: tuple[str, ...] = ()


def fault(fetching: Fetching) -> str | None:
    """The first thing that is wrong with these settings, beginning with its key below `revocation`."""
    return next(_faults(fetching), None)


def _faults(fetching: Fetching) -> Iterator[str]:
    for number, source in enumerate(fetching.sources):
        yield from _source(f"sources[{number}]", source)
    files = [source.file for source in fetching.sources]
    if len(set(files)) != len(files):
        yield "sources: expected another file for each"
    for number, place in enumerate(fetching.points):
        if not _is_address(place):
            yield f"points[{number}]: expected http:// or https:// with a host and a path"
    if not (1 <= fetching.seconds <= 300 and 1 <= fetching.megabytes <= 64 and fetching.warn_hours >= 1):
        yield "seconds, megabytes and warn_hours: expected 1 to 300, 1 to 64, 1 or more"
    for number, address in enumerate(fetching.mail):
        if not _is_mailbox(address):
            yield f"mail[{number}]: expected a mail address"


def _source(where: str, source: Source) -> Iterator[str]:
    if _FILE.fullmatch(source.file) is None or source.file.startswith(OWN):
        yield f"{where}.file: expected a name like ca.crl"
    if bool(source.url) == (source.path is not None):
        yield f"{where}: expected url or path"
    if source.url and not _is_address(source.url):
        yield f"{where}.url: expected http://host/ca.crl or ldap://host/DN?certificateRevocationList;binary"


def _is_address(text: str) -> bool:
    try:
        address = addresses.parse(text)
        if directory.is_directory(address):
            directory.request(address)
    except ValueError:
        return False
    return True


def _is_mailbox(text: str) -> bool:
    try:
        mail_addresses.mailbox(text)
    except ValueError:
        return False
    return True
