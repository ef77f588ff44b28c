"""Whose request it is behind proxies: only those that the settings name say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal import proxies
from portal.settings import SettingsError, beside, parse_settings

INSIDE = ("127.0.0.1", "10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(
    ("peer", "told", "found"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.9"], "192.0.2.1"),  # nobody's proxy: said by the browser itself
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["198.51.100.9, 192.0.2.1"], "192.0.2.1"),  # the first was there when it came
        ("127.0.0.1", ["198.51.100.9", "192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["198.51.100.9, 192.0.2.1, 10.1.2.3"], "192.0.2.1"),  # through two of ours
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("127.0.0.1", ["10.0.0.1, nonsense"], "nonsense"),  # and no further by it
        (None, ["192.0.2.1"], None),
    ],
)
def test_the_address_that_reached_our_outermost_proxy(peer: str | None, told: list[str], found: str | None) -> None:
    assert proxies.client(peer, told, INSIDE) == found


def test_without_proxies_the_header_counts_for_nothing() -> None:
    assert proxies.client("127.0.0.1", ["192.0.2.1"], ()) == "127.0.0.1"


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"listen\.proxies: .*not 10\.0\.0\.1/8"):
        parse_settings({"listen": {"proxies": ["10.0.0.1/8"]}}, Path())


def test_the_nth_process_has_ports_of_its_own() -> None:
    settings = parse_settings({"watch": {"port": 9000}}, Path())
    third = beside(settings, 3)
    assert (third.listen.port, third.watch.port) == (22446, 9003)
    assert beside(settings, 0) == settings
    assert beside(parse_settings({"listen": {"port": 0}}, Path()), 3).listen.port == 0
