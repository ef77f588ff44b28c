"""CA certificates that certificates name: from allowed places alone, never an anchor, leading to a configured CA."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID

from portal.refusals import Refused
from portal.revocation import addresses, ca_folder, fetching, issuers, recently
from portal.revocation.fetching import Unreachable
from portal.revocation.issuers import Issuers
from portal.revocation.settings import Fetching
from portal.settings import SettingsError, parse_settings
from portal.signatures import trust_folders
from portal.signatures.trust import Trust
from tests.flow.crl_server import crl_server
from tests.flow.test_portal_fetch_crls import Desk as Operator
from tests.unit import portal_pki as pki

SUB, LOWER = (x509.Name.from_rfc4514_string(f"CN={name},C=JP") for name in ("Sub", "Lower"))


def named(*urls: str) -> x509.AuthorityInformationAccess:
    method = AuthorityInformationAccessOID.CA_ISSUERS
    each = [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for url in urls]
    return x509.AuthorityInformationAccess(each)


def sub_ca(parent: pki.Authority, name: x509.Name = SUB, *urls: str, key: str = "sub") -> pki.Authority:
    """A CA below another, whose certificate names these addresses."""
    made = pki.Authority(name, pki.ec_key(key), parent)
    usage = pki.usage(key_cert_sign=True, crl_sign=True)
    extra = [named(*urls)] if urls else []
    made.certificate = parent.issue(77, name, made.key, ca=True, key_usage=usage, extra=extra).certificate
    return made


def der(authority: pki.Authority) -> bytes:
    return authority.certificate.public_bytes(serialization.Encoding.DER)


def bundle(*certificates: x509.Certificate) -> bytes:
    return pkcs7.serialize_certificates(list(certificates), serialization.Encoding.DER)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy computer takes its time."""
    monkeypatch.setattr(issuers, "PATIENCE", 120.0)


class Desk:
    """A portal that knows a root and nothing below; its clock stands where a test puts it."""

    def __init__(self, root: Path, *places: str) -> None:
        self.ca, self.folder, self.now = pki.Authority(), pki.TrustFolder(root), pki.NOW
        self.folder.anchor(self.ca)
        self.folder.crl(self.ca.crl())
        base = pki.settings(self.folder, root / "portal.sqlite3")
        self.fetched = root / "fetched"
        limits = Fetching(issuers=places, seconds=5, megabytes=1)
        self.settings = replace(base, revocation=limits, trust=replace(self.folder.folders, fetched=self.fetched))
        self.trust = Trust(self.settings.trust)
        self.issuers = Issuers(self.settings, self.trust, lambda: self.now)

    def below(self, authority: pki.Authority, *urls: str, serial: int = 41) -> bytes:
        """A card of a CA that has a list here."""
        self.folder.crl(authority.crl(), authority.name.rfc4514_string())
        return authority.issue(serial, extra=[named(*urls)] if urls else []).der

    async def judge(self, card: bytes) -> None:
        def verify() -> Awaitable[object]:
            return asyncio.to_thread(self.trust.validate, card, self.now)

        await self.issuers.with_issuers(card, verify)

    def kept(self) -> set[bytes]:
        return {path.read_bytes() for path in self.fetched.glob("*.cer")} if self.fetched.is_dir() else set()


async def untrusted(desk: Desk, card: bytes) -> None:
    with pytest.raises(Refused, match="certificate_untrusted"):
        await desk.judge(card)
    assert desk.kept() == set()


@pytest.mark.parametrize(
    "form", [lambda sub, root: der(sub), lambda sub, root: bundle(sub.certificate, root.certificate)]
)
async def test_a_ca_is_brought_and_believed_as_an_intermediate(
    tmp_path: Path, form: Callable[[pki.Authority, pki.Authority], bytes]
) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        sub = sub_ca(desk.ca)
        server.lists["sub.p7c"] = form(sub, desk.ca)
        await asyncio.gather(*(desk.judge(desk.below(sub, f"{url}sub.p7c", serial=each)) for each in range(50, 58)))
        assert server.asked == ["/crls/sub.p7c"]
        assert desk.kept() == {der(sub)}
        material = trust_folders.load(desk.settings.trust)
        assert [each.certificate.dump() for each in material.anchors] == [der(desk.ca)]
        again = Trust(desk.settings.trust)  # as the next start finds it
        found = await asyncio.to_thread(again.validate, desk.below(sub, serial=60), desk.now)
        assert found.chain[1:] == (der(sub), der(desk.ca))


async def test_whoever_comes_while_it_is_brought_is_believed_as_well(tmp_path: Path) -> None:
    """Judged before it was there, asking for it after."""
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        sub = sub_ca(desk.ca)
        server.lists["sub.cer"] = der(sub)
        assert [await desk.issuers.bring(desk.below(sub, f"{url}sub.cer")) for _ in range(2)] == [True, True]
        for path in desk.fetched.glob("*.cer"):
            path.unlink()
        assert await desk.issuers.bring(desk.below(sub, f"{url}sub.cer"))
        assert (server.asked, desk.kept()) == (["/crls/sub.cer"], {der(sub)})


async def test_two_steps_up_and_what_lies_below_keeps_its_list(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        sub = sub_ca(desk.ca)
        lower = sub_ca(sub, LOWER, f"{url}sub.cer", key="lower")
        desk.below(sub)
        server.lists |= {"lower.cer": der(lower), "sub.cer": der(sub)}
        await desk.judge(desk.below(lower, f"{url}lower.cer"))
        assert desk.kept() == {der(sub), der(lower)}
        desk.folder.crl(lower.crl(41), lower.name.rfc4514_string())
        with pytest.raises(Refused, match="certificate_revoked"):
            await desk.judge(lower.issue(41).der)


async def test_by_default_nothing_is_fetched(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        for desk in (
            Desk(tmp_path / "a"),
            Desk(tmp_path / "b", "http://ca.example/"),
            Desk(tmp_path / "c", f"{url}x/"),
        ):
            sub = sub_ca(desk.ca)
            server.lists["sub.cer"] = der(sub)
            await untrusted(desk, desk.below(sub, f"{url}sub.cer"))
        assert server.asked == []
    with pytest.raises(SettingsError, match=r"trust\.fetched: expected a folder for"):
        parse_settings({"revocation": {"issuers": ["http://ca.example/"]}}, tmp_path)
    with pytest.raises(SettingsError, match=r"trust\.fetched: expected a folder of its own"):
        parse_settings({"trust": {"fetched": "trust/anchors"}}, tmp_path)


async def _strange(desk: Desk, url: str) -> dict[str, bytes]:
    """What an address may answer instead, all of it to a card of a CA called Sub."""
    sub, root = sub_ca(desk.ca), pki.Authority(SUB, pki.ec_key("sub"))
    leaf = desk.ca.issue(90, SUB, pki.ec_key("sub")).der
    return {
        "namesake.cer": der(sub_ca(desk.ca, key="another")),  # the configured CA knows it; it did not sign the card
        "strangers.cer": der(sub_ca(pki.Authority(key=pki.rsa_key("stranger")))),
        "itself.cer": der(root),  # a root of its own
        "leaf.cer": leaf,  # not a CA's
        "ended.cer": _dated(desk.ca, sub),
        "pem.cer": sub.certificate.public_bytes(serialization.Encoding.PEM),
        "page.cer": b"<html>404</html>",
        "empty.cer": b"",
        "crl.cer": desk.ca.crl(),
        "more.cer": der(sub) + b"\0",
        "signed.p7c": pki.sign(b"x", desk.ca.issue(91)),
        "many.p7c": bundle(*(desk.ca.issue(100 + each).certificate for each in range(17))),
    }


def _dated(ca: pki.Authority, sub: pki.Authority) -> bytes:
    usage = pki.usage(key_cert_sign=True, crl_sign=True)
    until = pki.NOW - timedelta(days=1)
    return ca.issue(78, SUB, sub.key, ca=True, key_usage=usage, until=until).der


async def test_what_does_not_lead_to_a_configured_ca_is_not_kept(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        server.lists |= await _strange(desk, url)
        sub = sub_ca(desk.ca)
        names = [*server.lists, "moved.crl", "endless.crl", "missing.cer"]
        for serial, name in enumerate(names):
            await untrusted(desk, desk.below(sub, f"{url}{name}", serial=200 + serial))
        assert server.asked == [f"/crls/{name}" for name in names]  # and nowhere else


async def test_a_loop_ends(tmp_path: Path) -> None:
    """Two CAs that certify each other, neither of them known; and a chain that is too long."""
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        one, two = pki.Authority(SUB, pki.ec_key("one")), pki.Authority(LOWER, pki.ec_key("two"))
        usage = pki.usage(key_cert_sign=True, crl_sign=True)
        for by, of, name, up in ((two, one, "one", "two"), (one, two, "two", "one")):
            extra = [named(f"{url}{up}.cer")]
            made = by.issue(1, of.name, of.key, ca=True, key_usage=usage, extra=extra)
            server.lists[f"{name}.cer"] = made.der
        await untrusted(desk, one.issue(3, extra=[named(f"{url}one.cer")]).der)
        assert sorted(server.asked) == ["/crls/one.cer", "/crls/two.cer"]


async def test_strangers_do_not_decide_how_often_a_ca_is_asked(tmp_path: Path) -> None:
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        sub = pki.Authority(SUB, pki.ec_key("stranger"))
        cards = [
            sub.issue(each, extra=[named(*(f"{url}{each}-{n}.cer" for n in range(9)))]).der for each in range(1, 41)
        ]
        for card in cards:
            await untrusted(desk, card)
        assert len(server.asked) == issuers.IN_ALL
        assert server.asked[:2] == ["/crls/1-0.cer", "/crls/1-1.cer"]  # the first addresses of each alone
        desk.now += recently.AGAIN
        await untrusted(desk, cards[0])
        assert len(server.asked) == issuers.IN_ALL + issuers.MOST


async def test_a_slow_server_keeps_nobody_longer_than_the_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuers, "PATIENCE", 0.2)
    async with crl_server() as (server, url):
        desk = Desk(tmp_path, url)
        await untrusted(desk, desk.below(sub_ca(desk.ca), f"{url}drips.crl"))
        assert server.asked == ["/crls/drips.crl"]
        server.ended.set()
        await asyncio.wait(desk.issuers._climbing)


async def test_there_is_room_for_so_many(tmp_path: Path) -> None:
    ca = pki.Authority()
    for number in range(1, ca_folder.KEPT + 1):
        assert ca_folder.keep(tmp_path, [ca.issue(number, key=pki.ec_key("room")).der])
    with pytest.raises(OSError, match="holds 32 certificates already"):
        ca_folder.keep(tmp_path, [der(ca)])


async def test_a_name_leads_to_no_private_address_unless_its_network_is_named() -> None:
    """A host that the settings name may come to mean another machine: whoever runs its DNS decides."""
    async with crl_server() as (server, url):
        server.lists["ca.cer"] = b"x"
        address = addresses.parse(f"{url}ca.cer".replace("127.0.0.1", "localhost"))
        for networks in ((), (ip_network("10.0.0.0/8"),)):
            with pytest.raises(Unreachable, match=r"localhost"):
                await fetching.fetch(address, 5, 1000, networks=networks)
        assert server.asked == []
        both = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
        assert await fetching.fetch(address, 5, 1000, networks=both) == b"x"
        assert await fetching.fetch(addresses.parse(f"{url}ca.cer"), 5, 1000, networks=()) == b"x"  # named itself
        ldap = addresses.parse("ldap://localhost:1/o=CA?cACertificate;binary")
        with pytest.raises(Unreachable, match=r"localhost leads to no public address"):
            await fetching.fetch(ldap, 5, 1000, wanted=("cACertificate;binary",), networks=())


async def test_a_named_source_is_kept_up_and_what_is_of_no_use_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operator = Operator(tmp_path)
    operator.trust.crl(operator.ca.crl(until=pki.NOW + timedelta(days=3650)))
    sub = sub_ca(operator.ca)
    async with crl_server() as (server, url):
        server.lists["sub.cer"] = der(sub)
        source = f'[[revocation.sources]]\nfile = "sub.cer"\nurl = "{url}sub.cer"'
        operator.file.write_text(f'[trust]\nfetched = "trust/fetched"\n{source}')
        assert await operator.run() == 0
        assert "sub.cer: new CA certificate" in capsys.readouterr().out
        old = ca_folder.file_of(_dated(operator.ca, sub))
        (tmp_path / "trust" / "fetched" / old).write_bytes(_dated(operator.ca, sub))
        assert await operator.run() == 0
        assert capsys.readouterr().out.splitlines()[:2] == [
            "sub.cer: as it was",
            f"{old}: taken away, of no use any more",
        ]
        server.lists["sub.cer"] = der(pki.Authority(SUB, pki.ec_key("sub")))
        assert await operator.run() == 3
        assert "sub.cer: not signed by a CA that is configured" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "trust" / "fetched").glob("*.cer")] == ["sub.cer"]
