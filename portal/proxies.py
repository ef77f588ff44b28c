"""Which proxies are believed when they say whose request it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network


def client(peer: str | None, told: Iterable[str], proxies: tuple[str, ...]) -> str | None:
    """The address that reached the outermost proxy of ours, or the portal itself. `told`: X-Forwarded-For's lines.

    Each proxy adds whom it saw to the end, so that it is read from there, and only as far as those who say it are named
    in the settings: what stands before was said by anybody.
    """
    hops = [hop.strip() for line in told for hop in line.split(",")]
    while hops and _among(peer, proxies):
        peer = hops.pop()
    return peer


def fault(proxies: tuple[str, ...]) -> str | None:
    """What is wrong with the setting."""
    for proxy in proxies:
        try:
            ip_network(proxy)
        except ValueError:
            return f"proxies: expected addresses or networks, not {proxy}"
    return None


def _among(peer: str | None, proxies: tuple[str, ...]) -> bool:
    try:
        found = ip_address(peer or "")
    except ValueError:
        return False
    return any(found in ip_network(proxy) for proxy in proxies)
