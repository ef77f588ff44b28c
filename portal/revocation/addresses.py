"""Addresses of revocation lists, and which of those that stand in certificates may be gone to. Pure.

A certificate is a stranger's text. What it names is fetched where the agency's settings name the place, and nowhere
else: compared as parts, in one closed form, so that no address can mean another one to whoever fetches it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

# RFC 3986 in the form that CAs use: no user, no fragment, no escapes in the host; what else an address may hold
# (backslashes, control characters, spaces) no address holds here.
_FORM = re.compile(
    r"(?P<scheme>https?|ldaps?)://(?P<host>[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<path>/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?P<query>\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
_PORTS = {"http": 80, "https": 443, "ldap": 389, "ldaps": 636}
MAX_LENGTH = 1024
Networks = tuple[IPv4Network | IPv6Network, ...]


class Address(NamedTuple):
    """An address, taken apart; `text` is the whole as it is fetched."""

    scheme: str
    host: str
    port: int
    path: str
    query: str
    text: str


def parse(text: str) -> Address:
    """An http, https, ldap or ldaps address. Raises ValueError."""
    scheme, separator, rest = text.partition("://")
    authority, slash, path = rest.partition("/")
    text = f"{scheme.lower()}{separator}{authority.lower()}{slash}{path}"
    found = _FORM.fullmatch(text) if len(text) <= MAX_LENGTH else None
    port = int(found["port"] or _PORTS[found["scheme"]]) if found else 0
    if found is None or not 0 < port < 65536:
        raise ValueError("expected an address like http://ca.example/ca.crl")
    path = found["path"] or "/"
    # Dots and escaped dots or slashes in a path are resolved by one program and not by the next.
    if any(part in (".", "..") for part in path.split("/")) or re.search(r"%(2e|2f|5c|00)", path, re.IGNORECASE):
        raise ValueError("expected an address whose path goes nowhere but down")
    return Address(found["scheme"], found["host"], port, path, found["query"] or "", text)


def allowed(named: Iterable[str], places: Iterable[str], most: int) -> tuple[Address, ...]:
    """Of the addresses that a certificate names the first few that lie in one of these places.

    A place is an address whose path ends in `/`, for all that is below, or else one whole address.
    """
    known = [parse(place) for place in places]
    found: dict[str, Address] = {}
    for _, text in zip(range(most), named, strict=False):  # what is looked at is bounded as well
        try:
            address = parse(text)
        except ValueError:
            continue
        if any(_lies_in(address, place) for place in known):
            found.setdefault(address.text, address)
    return tuple(found.values())


def _lies_in(address: Address, place: Address) -> bool:
    if address[:3] != place[:3]:
        return False
    if place.path.endswith("/") and not place.query:
        return address.path.startswith(place.path)
    return (address.path, address.query) == (place.path, place.query)
