"""Lists that certificates name: brought from allowed places alone, for cards of configured CAs, at little cost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from portal.refusals import Refused
from portal.revocation import points, recently
from portal.revocation.points import MOST, Points
from portal.revocation.settings import Fetching
from portal.signatures.trust import Trust
from tests.flow.crl_server import CrlServer, crl_server
from tests.unit import portal_pki as pki

DAY = timedelta(days=1)


class Desk:
    """A portal with a CA's certificate and no list; its clock stands where a test puts it."""

    def __init__(self, root: Path, *places: str) -> None:
        self.ca, self.folder, self.now = pki.Authority(), pki.TrustFolder(root), pki.NOW
        self.folder.anchor(self.ca)
        base = pki.settings(self.folder, root / "portal.sqlite3")
        self.settings = replace(base, revocation=Fetching(points=places, seconds=5, megabytes=1))
        self.trust = Trust(self.folder.folders)
        self.points = Points(self.settings, self.trust, lambda: self.now)

    def card(self, *urls: str, serial: int = 41, authority: pki.Authority | None = None) -> bytes:
        names = [x509.UniformResourceIdentifier(url) for url in urls]
        each = [x509.DistributionPoint([name], None, None, None) for name in names]
        return (authority or self.ca).issue(serial, extra=[x509.CRLDistributionPoints(each)]).der

    async def judge(self, card: bytes) -> None:
        async def verify() -> object:
            return await asyncio.to_thread(self.trust.validate, card, self.now)

        await self.points.with_lists(card, verify)

    def brought(self) -> list[str]:
        return sorted(path.name for path in self.folder.folders.crls.iterdir() if not path.name.startswith("."))


async def unavailable(desk: Desk, card: bytes) -> None:
    with pytest.raises(Refused, match="revocation_unavailable"):
        await desk.judge(card)


async def test_a_list_is_brought_and_judged_by(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        server.lists["ca.crl"] = desk.ca.crl(42)
        await asyncio.gather(*(desk.judge(desk.card(f"{url}ca.crl", serial=serial)) for serial in range(50, 58)))
        with pytest.raises(Refused, match="certificate_revoked"):
            await desk.judge(desk.card(f"{url}ca.crl", serial=42))
        assert server.asked == ["/crls/ca.crl"]
        (kept,) = points.sources(desk.folder.folders.crls, (url,))
        assert (kept.url, [kept.file, kept.file.replace(".crl", ".url")]) == (f"{url}ca.crl", desk.brought())
        assert points.sources(desk.folder.folders.crls, ("http://ca.example/",)) == []  # not allowed any more


async def test_a_list_that_came_while_a_card_was_judged_counts(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        server.lists["ca.crl"] = desk.ca.crl()
        card = desk.card(f"{url}ca.crl")
        assert [await desk.points.bring(card) for _ in range(2)] == [True, True]
        assert server.asked == ["/crls/ca.crl"]


async def test_by_default_nothing_is_fetched(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path)
        server.lists["ca.crl"] = desk.ca.crl()
        await unavailable(desk, desk.card(f"{url}ca.crl"))
        assert server.asked == []


async def test_a_hostile_certificate_leads_nowhere(tmp_path: Path) -> None:
    """Internal addresses, other schemes, other ports, a redirect: what the settings do not name is not gone to."""
    async with crl_server() as (inside, internal), crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        port = url.split(":")[2].partition("/")[0]
        for address in (
            *(f"{internal}ca.crl", f"http://localhost:{port}/crls/ca.crl", f"https://127.0.0.1:{port}/crls/ca.crl"),
            *(f"{url}../internal", f"{url}%2e%2e/internal", "file:///etc/passwd", f"http://x@127.0.0.1:{port}/crls/a"),
        ):
            await unavailable(desk, desk.card(address))
        assert (server.asked, inside.asked) == ([], [])
        await unavailable(desk, desk.card(f"{url}moved.crl"))
        assert (server.asked, inside.asked) == (["/crls/moved.crl"], [])
        assert desk.brought() == []


async def test_a_thousand_points_cost_no_more_than_a_few(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        card = desk.card(*(f"{url}{number}.crl" for number in range(1000)))
        for _ in range(3):
            await unavailable(desk, card)
        assert sorted(server.asked) == [f"/crls/{number}.crl" for number in range(MOST)]
        desk.now += recently.AGAIN
        await unavailable(desk, card)
        assert len(server.asked) == 2 * MOST


async def test_a_strangers_certificate_is_not_read(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        stranger = pki.Authority(pki.ISSUER, pki.rsa_key("stranger"))
        assert await desk.points.bring(desk.card(f"{url}ca.crl", authority=stranger)) is False
        assert server.asked == []


@pytest.mark.parametrize("name", ["endless.crl", "page.crl", "foreign.crl", "ended.crl", "gone.crl"])
async def test_what_does_not_count_is_not_kept(tmp_path: Path, name: str) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        server.lists |= _worthless(desk)
        await unavailable(desk, desk.card(f"{url}{name}"))
        assert desk.brought() == []


def _worthless(desk: Desk) -> dict[str, bytes]:
    return {
        "page.crl": b"<html>",
        "foreign.crl": pki.Authority(pki.ISSUER, pki.rsa_key("stranger")).crl(),
        "ended.crl": desk.ca.crl(since=pki.NOW - 2 * DAY, until=pki.NOW - DAY),
    }


async def test_who_waits_for_a_slow_server_is_told_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "PATIENCE", 0.2)
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        begin = asyncio.get_running_loop().time()
        await unavailable(desk, desk.card(f"{url}drips.crl"))
        assert asyncio.get_running_loop().time() - begin < 4  # of the 5 seconds that a fetch may take
        server.ended.set()  # the fetch ends in the background
        await asyncio.gather(*desk.points._underway.tasks())


async def test_an_intermediates_list_is_brought_as_well(tmp_path: Path) -> None:
    """Its own certificate names it; the card's names nothing."""
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        below = _named_below(desk.ca, f"{url}root.crl")
        desk.folder.intermediate(below)
        desk.folder.crl(below.crl(), "below")
        server.lists["root.crl"] = desk.ca.crl()
        await desk.judge(below.issue(43).der)
        assert server.asked == ["/crls/root.crl"]


def _named_below(ca: pki.Authority, url: str) -> pki.Authority:
    made = pki.Authority(x509.Name.from_rfc4514_string("CN=Cards,C=JP"), pki.rsa_key("cards"), ca)
    names = [x509.UniformResourceIdentifier(url)]
    issued = ca.issue(
        9, made.name, made.key, ca=True, key_usage=pki.usage(key_cert_sign=True, crl_sign=True),
        extra=[x509.CRLDistributionPoints([x509.DistributionPoint(names, None, None, None)])],
    )  # fmt: skip
    made.certificate = issued.certificate
    return made


async def test_a_list_that_ended_is_brought_anew(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        await _serve_until(server, desk, pki.NOW + DAY)
        await desk.judge(desk.card(f"{url}ca.crl"))
        desk.now = pki.NOW + 2 * DAY
        await _serve_until(server, desk, pki.NOW + 3 * DAY)
        await desk.judge(desk.card(f"{url}ca.crl"))
        assert server.asked == ["/crls/ca.crl"] * 2


async def _serve_until(server: CrlServer, desk: Desk, end: datetime) -> None:
    server.lists["ca.crl"] = desk.ca.crl(since=desk.now - timedelta(hours=1), until=end, number=desk.now.day)
