"""`portal fetch-crls` as a timer runs it, against a web server on loopback."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.cli import main
from portal.revocation import addresses, points
from tests.flow.crl_server import crl_server
from tests.unit import portal_pki as pki

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def now() -> datetime:
    """The command's clock is the computer's."""
    return datetime.now(UTC).replace(microsecond=0)


class Desk:
    """An operator's settings and command line."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ca = pki.Authority()
        self.trust = pki.TrustFolder(root / "trust")
        self.trust.anchor(self.ca)
        self.file = root / "portal.toml"

    def settings(self, *lines: str, **sources: str) -> None:
        """`sources`: name → url, or path where there is no scheme."""
        tables = [
            f'[[revocation.sources]]\nfile = "{name}.crl"\n{"url" if "://" in where else "path"} = "{where}"'
            for name, where in sources.items()
        ]
        self.file.write_text("\n".join(["[revocation]", *lines, *tables]))

    async def run(self, *arguments: str) -> int:
        return await asyncio.to_thread(main, ["fetch-crls", "--config", str(self.file), *arguments])

    def crl(self, name: str = "ca") -> bytes:
        return (self.trust.folders.crls / f"{name}.crl").read_bytes()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_lists_are_kept_up(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    first = desk.ca.crl(5, since=now() - HOUR, until=now() + 5 * DAY, number=1)
    second = desk.ca.crl(5, 6, since=now() - HOUR / 2, until=now() + 6 * DAY, number=2)
    async with crl_server() as (server, url):
        desk.settings(ca=f"{url}ca.crl", share="share/list.crl")
        (desk.root / "share").mkdir()
        (desk.root / "share" / "list.crl").write_bytes(first)
        server.lists["ca.crl"] = first
        assert await desk.run() == 0
        assert capsys.readouterr().out.splitlines()[:2] == ["ca.crl: new, number 1", "share.crl: new, number 1"]
        server.lists["ca.crl"] = second
        assert await desk.run() == 0
        assert capsys.readouterr().out.splitlines()[:2] == ["ca.crl: new, number 2", "share.crl: as it was"]
    assert (desk.crl(), desk.crl("share")) == (second, first)


async def test_nothing_gets_worse(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    good = desk.ca.crl(5, since=now() - HOUR, until=now() + 5 * DAY, number=7)
    names = ("moved", "drips", "endless", "missing", "older", "page")
    async with crl_server() as (server, url):
        desk.settings("seconds = 1", "megabytes = 1", **{name: f"{url}{name}.crl" for name in names})
        for name in names:
            desk.trust.crl(good, name)
        server.lists["older.crl"] = desk.ca.crl(since=now() - 2 * HOUR, until=now() + 5 * DAY, number=6)
        server.lists["page.crl"] = b"<html>maintenance</html>"
        assert await desk.run() == 3
        assert "/internal/secret" not in server.asked
    assert capsys.readouterr().err.splitlines() == [
        "portal: moved.crl: status 302",
        "portal: drips.crl: no whole answer within 1 s",
        "portal: endless.crl: more than 1048576 bytes",
        "portal: missing.crl: status 404",
        "portal: older.crl: older than the one that is there",
        "portal: page.crl: not a revocation list",
    ]
    assert {desk.crl(name) for name in names} == {good}


async def test_an_alarm_before_a_list_ends_is_mailed_once(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = desk.root / "crls.prom"
    desk.trust.crl(desk.ca.crl(since=now() - DAY, until=now() + 20 * HOUR, number=7))
    async with crl_server() as (_, url):
        desk.settings("mail = ['ops@city.example', 'deputy@city.example']", ca=f"{url}ca.crl")
        for _ in range(2):
            assert await desk.run("--metrics", str(metrics)) == 4
            assert "ALARM ca.crl: ends " in capsys.readouterr().err
        mails = _outbox(desk)
        assert [recipient for recipient, _ in mails] == ["ops@city.example", "deputy@city.example"]
        told = r"失効リストの更新が必要です（ca\.crl：\d{4}/\d\d/\d\d \d\d:\d\dまで(、期限切れ)?）$"
        assert [found[1] for _, each in mails if (found := re.search(told, each))] == [None, None]
        assert 'card_bridge_crl_fetch_failed{file="ca.crl"} 1' in metrics.read_text()
        desk.trust.crl(desk.ca.crl(since=now() - DAY, until=now() - HOUR, number=7))
        assert await desk.run("--check") == 4
        assert [found[1] for _, each in _outbox(desk) if (found := re.search(told, each))][2:] == ["、期限切れ"] * 2
        desk.trust.crl(desk.ca.crl(since=now() - DAY, until=now() + 25 * HOUR, number=8))
        assert await desk.run("--check") == 0


async def test_what_a_certificate_named_is_kept_up_as_long_as_its_place_is_allowed(desk: Desk) -> None:
    async with crl_server() as (server, url):
        address = addresses.parse(f"{url}ca.crl")
        server.lists["ca.crl"] = desk.ca.crl(since=now() - HOUR, until=now() + 5 * DAY, number=8)
        note = (desk.trust.folders.crls / points.file_of(address)).with_suffix(".url")
        note.write_text(address.text)
        desk.settings("points = ['http://elsewhere.example/']")
        assert (await desk.run(), server.asked) == (0, [])
        desk.settings(f"points = ['{url}']")
        assert (await desk.run(), server.asked) == (0, ["/crls/ca.crl"])
        assert note.with_suffix(".crl").read_bytes() == server.lists["ca.crl"]


def _outbox(desk: Desk) -> list[tuple[str, str]]:
    database = sqlite3.connect(desk.root / "portal.sqlite3")
    try:
        return database.execute("SELECT recipient, subject FROM outbox ORDER BY id").fetchall()
    finally:
        database.close()
