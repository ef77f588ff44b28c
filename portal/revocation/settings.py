"""Where revocation lists come from, and whom to tell when one is about to end. Table [revocation]."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from portal.mail import addresses as mail_addresses
from portal.revocation import addresses, directory
from portal.revocation.addresses import Networks

_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.(crl|cer)", re.ASCII)
OWN = "point-"
"""The names of lists that were fetched because a certificate named them begin so."""
OWN_ISSUER = "issuer-"
"""The same of CA certificates."""


@dataclass(frozen=True, slots=True)
class Source:
    """What `fetch-crls` keeps up, from `url` (http, https, ldap, ldaps) or `path`.

    `file`: *.crl, a revocation list in `trust.crls`; *.cer, an intermediate CA certificate in `trust.fetched`.
    """

    file: str
    url: str = ""
    path: Path | None = None

    @property
    def is_certificate(self) -> bool:
        return self.file.endswith(".cer")


@dataclass(frozen=True, slots=True)
class Fetching:
    """`points`: where certificates' distribution points may lead; none: nothing that a certificate names is fetched.

    `issuers`: the same for where they say that their CA's certificate is (caIssuers). `networks`: private networks that
    the host names in these may lead to.
    `seconds` and `megabytes` bound each fetch; `warn_hours` before a list ends it is an alarm, told to `mail`.
    """

    sources: tuple[Source, ...] = ()
    points: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    seconds: int = 20
    megabytes: int = 64
    warn_hours: int = 24
    mail: tuple[str, ...] = ()

    @property
    def wants_certificates(self) -> bool:
        return bool(self.issuers) or any(source.is_certificate for source in self.sources)

    def private(self) -> Networks:
        """`networks`, parsed. Raises ValueError."""
        return tuple(ip_network(each) for each in self.networks)


def fault(fetching: Fetching) -> str | None:
    """The first thing that is wrong with these settings, beginning with its key below `revocation`."""
    return next(_faults(fetching), None)


def _faults(fetching: Fetching) -> Iterator[str]:
    for number, source in enumerate(fetching.sources):
        yield from _source(f"sources[{number}]", source)
    files = [source.file for source in fetching.sources]
    if len(set(files)) != len(files):
        yield "sources: expected another file for each"
    for name, places, wanted in (
        ("points", fetching.points, directory.LISTS),
        ("issuers", fetching.issuers, directory.CERTIFICATES),
    ):
        for number, place in enumerate(places):
            if not _is_address(place, wanted):
                yield f"{name}[{number}]: expected http:// or https:// with a host and a path"
    try:
        fetching.private()
    except ValueError:
        yield "networks: expected networks like 10.0.0.0/8"
    if not (1 <= fetching.seconds <= 300 and 1 <= fetching.megabytes <= 64 and fetching.warn_hours >= 1):
        yield "seconds, megabytes and warn_hours: expected 1 to 300, 1 to 64, 1 or more"
    for number, address in enumerate(fetching.mail):
        if not mail_addresses.is_mailbox(address):
            yield f"mail[{number}]: expected a mail address"


def _source(where: str, source: Source) -> Iterator[str]:
    if _FILE.fullmatch(source.file) is None or source.file.startswith((OWN, OWN_ISSUER)):
        yield f"{where}.file: expected a name like ca.crl or ca.cer"
    if bool(source.url) == (source.path is not None):
        yield f"{where}: expected url or path"
    wanted = directory.CERTIFICATES if source.is_certificate else directory.LISTS
    if source.url and not _is_address(source.url, wanted):
        yield f"{where}.url: expected http://host/ca.crl or ldap://host/DN?certificateRevocationList;binary"


def _is_address(text: str, wanted: tuple[str, ...]) -> bool:
    try:
        address = addresses.parse(text)
        if directory.is_directory(address):
            directory.request(address, wanted)
    except ValueError:
        return False
    return True
