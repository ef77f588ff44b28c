"""Which lists may take another's place, and which addresses may be gone to."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import given
from hypothesis import strategies as st

from portal.revocation import acceptance, addresses, folder, outlook
from portal.revocation.acceptance import Unacceptable
from portal.settings import SettingsError, parse_settings
from tests.unit import generated_chains as chains
from tests.unit import portal_pki as pki

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CA = pki.Authority()
OTHER = pki.Authority(x509.Name.from_rfc4514_string("CN=Other,C=JP"), pki.rsa_key("other"))
STRANGER = pki.Authority(pki.ISSUER, pki.rsa_key("stranger"))  # of the CA's name


def parsed(authority: pki.Authority) -> Any:
    return asn1_x509.Certificate.load(authority.certificate.public_bytes(serialization.Encoding.DER))


KNOWN = (parsed(CA), parsed(OTHER))
PRESENT = CA.crl(5, number=7)


def test_a_newer_list_takes_the_place_and_the_same_one_does_not() -> None:
    newer = CA.crl(5, 6, since=pki.NOW, number=8)
    found = acceptance.judge(newer, PRESENT, KNOWN, pki.NOW)
    assert found is not None
    assert (found.der, found.names(6)) == (newer, True)
    assert acceptance.judge(PRESENT, PRESENT, KNOWN, pki.NOW) is None
    assert acceptance.judge(PRESENT, None, KNOWN, pki.NOW) is not None
    pem = x509.load_der_x509_crl(newer).public_bytes(serialization.Encoding.PEM)
    again = acceptance.judge(pem, PRESENT, KNOWN, pki.NOW)
    assert again is not None
    assert again.der == newer


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a revocation list"),
        (b"<html>maintenance</html>", "not a revocation list"),
        (PRESENT[:-1], "not a revocation list"),
        (PRESENT + b"\0", "not a revocation list"),
        (STRANGER.crl(number=8), "not signed by a CA that is configured"),
        (CA.crl(number=8, key=pki.rsa_key("somebody")), "not signed by a CA that is configured"),
        (CA.crl(number=8, since=pki.NOW + HOUR), "begins in the future"),
        (CA.crl(number=8, until=pki.NOW - timedelta(minutes=1)), "has ended already"),
        (CA.crl(number=6, since=pki.NOW - DAY), "older than the one that is there"),
        (CA.crl(number=8, since=pki.NOW - DAY), "older than the one that is there"),
        (CA.crl(number=6, since=pki.NOW), "older than the one that is there"),
        (CA.crl(number=7), "differs from the one that is there, and is no newer"),
        (OTHER.crl(number=8), "another list than the one that is there"),
        (chains.crl(CA, chains.point(users=True), since=pki.NOW), "another list than the one that is there"),
    ],
)
def test_what_stays_outside(data: bytes, said: str) -> None:
    with pytest.raises(Unacceptable, match=said):
        acceptance.judge(data, PRESENT, KNOWN, pki.NOW)


def test_a_weak_hash_does_not_count() -> None:
    changed = PRESENT.replace(bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105"))  # SHA-1
    with pytest.raises(Unacceptable, match="an algorithm that does not count"):
        acceptance.judge(changed, None, KNOWN, pki.NOW)


def test_a_ca_that_may_sign_no_lists_signs_none() -> None:
    name, key = x509.Name.from_rfc4514_string("CN=No lists,C=JP"), pki.rsa_key("no lists")
    builder = x509.CertificateBuilder(name, name, key.public_key(), 9, pki.NOW - DAY, pki.NOW + DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    authority = pki.Authority(name, key)
    authority.certificate = builder.add_extension(pki.usage(key_cert_sign=True), critical=True).sign(
        key, hashes.SHA256()
    )
    with pytest.raises(Unacceptable, match="not signed by a CA"):
        acceptance.judge(authority.crl(), None, (parsed(authority),), pki.NOW)


def test_what_does_not_count_is_replaced() -> None:
    older = CA.crl(5, number=3, since=pki.NOW - DAY)
    for worthless in (b"half a fi", STRANGER.crl(number=9), CA.crl(number=9, key=pki.rsa_key("somebody"))):
        assert acceptance.judge(older, worthless, KNOWN, pki.NOW) is not None


def test_the_folder_has_the_old_list_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "ca.crl"
    assert folder.place(tmp_path, "ca.crl", PRESENT, KNOWN, pki.NOW) is not None
    newer = CA.crl(5, 6, since=pki.NOW, number=8)

    def full(_: object, __: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space"):
            folder.place(tmp_path, "ca.crl", newer, KNOWN, pki.NOW)
    assert target.read_bytes() == PRESENT
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []
    folder.place(tmp_path, "ca.crl", newer, KNOWN, pki.NOW)
    with pytest.raises(Unacceptable, match="older"):
        folder.place(tmp_path, "ca.crl", PRESENT, KNOWN, pki.NOW)
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (newer, 0o644)


def test_of_two_programs_that_fetch_at_once_the_newer_list_stays(tmp_path: Path) -> None:
    lists = [CA.crl(since=pki.NOW - HOUR + timedelta(seconds=number), number=number) for number in range(1, 31)]
    order = lists[::2] + lists[1::2][::-1]

    def put(data: bytes) -> None:
        with contextlib.suppress(Unacceptable):
            folder.place(tmp_path, "ca.crl", data, KNOWN, pki.NOW)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(put, order))
    assert (tmp_path / "ca.crl").read_bytes() == lists[-1]


def test_the_outlook_looks_at_the_latest_list_of_each_kind(tmp_path: Path) -> None:
    (tmp_path / "old.crl").write_bytes(CA.crl(until=pki.NOW - HOUR, since=pki.NOW - DAY))
    (tmp_path / "new.crl").write_bytes(CA.crl(until=pki.NOW + 30 * HOUR))
    (tmp_path / "other.crl").write_bytes(OTHER.crl(until=pki.NOW + HOUR))
    (tmp_path / "notes.txt").write_text("not looked at")
    found = outlook.standings(tmp_path, ["missing.crl", "new.crl"])
    assert [each.file for each in found] == ["missing.crl", "new.crl", "other.crl"]
    assert [each.file for each in outlook.alarms(found, pki.NOW, DAY)] == ["missing.crl", "other.crl"]
    told = outlook.metrics(found, frozenset({"missing.crl"}), pki.NOW)
    end = int((pki.NOW + HOUR).timestamp())
    assert f'card_bridge_crl_next_update_seconds{{file="other.crl"}} {end}\n' in told
    assert 'card_bridge_crl_next_update_seconds{file="missing.crl"} 0\n' in told
    assert 'card_bridge_crl_fetch_failed{file="missing.crl"} 1\n' in told


PLACES = ("http://ca.example/crls/", "https://ca.example:8443/one.crl", "http://ca.example/cgi?list=1")


@pytest.mark.parametrize(
    "address",
    [
        *("http://ca.example/crls/a.crl", "HTTP://CA.EXAMPLE/crls/sub/a.crl", "http://ca.example:80/crls/a.crl?x=1"),
        *("https://ca.example:8443/one.crl", "http://ca.example/cgi?list=1"),
    ],
)
def test_addresses_that_may_be_gone_to(address: str) -> None:
    assert len(addresses.allowed([address], PLACES, 4)) == 1


@pytest.mark.parametrize(
    "address",
    [
        *("http://169.254.169.254/crls/a.crl", "http://localhost/crls/a.crl", "http://[::1]/crls/a.crl"),
        *("http://127.0.0.1/crls/", "file:///etc/passwd", "gopher://ca.example/crls/", "ftp://ca.example/crls/a.crl"),
        *("https://ca.example/crls/a.crl", "http://ca.example:8080/crls/a.crl", "http://ca.example/crl"),
        *("http://ca.example.evil.example/crls/a.crl", "http://evilca.example/crls/a.crl", "//ca.example/crls/a.crl"),
        *("http://ca.example@127.0.0.1/crls/a.crl", "http://127.0.0.1#@ca.example/crls/a.crl", "http://ca.example/"),
        *(
            "http://ca.example\\@127.0.0.1/crls/a.crl",
            "http://127.0.0.1\\ca.example/crls/",
            " http://ca.example/crls/a",
        ),
        *(
            "http://ca.example/crls/../admin",
            "http://ca.example/crls/%2e%2e/admin",
            "http://ca.example/crls/..%2fadmin",
        ),
        *("http://ca.example/crls/./../a", "http://ca.example/crls/a\r\nHost: x", "http://ca.example/crls/a b"),
        *("http://ca.example/crls/ａ", "http://ca。example/crls/a.crl", "http://ca.example:0/crls/a", "http:///crls/a"),
        *(
            "http://ca.example:99999/crls/a.crl",
            "http://ca.example/crls/" + "a" * 1100,
            "http://ca.example/crls/#a",
            "",
        ),
        *("https://ca.example:8443/one.crl?x", "https://ca.example:8443/one.crl/x", "http://ca.example/cgi?list=2"),
    ],
)
def test_addresses_that_are_not_gone_to(address: str) -> None:
    assert addresses.allowed([address], PLACES, 4) == ()


def test_a_thousand_addresses_cost_four_looks() -> None:
    looked = iter([f"http://ca.example/crls/{number}.crl" for number in range(1000)])
    assert len(addresses.allowed(looked, PLACES, 4)) == 4
    assert next(looked) == "http://ca.example/crls/4.crl"


@given(st.text(max_size=40), st.sampled_from(["http://ca.example/crls/", "http://ca.example", "http://", ""]))
def test_what_is_allowed_lies_in_a_place(text: str, before: str) -> None:
    for found in addresses.allowed([before + text], ("http://ca.example/crls/",), 4):
        assert found[:3] == ("http", "ca.example", 80)
        assert found.text.startswith(("http://ca.example/crls/", "http://ca.example:80/crls/"))
        assert ".." not in found.path.split("/")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"sources": [{"url": "http://ca.example/ca.crl"}]}, "missing key: revocation.sources"),
        ({"sources": [{"file": "../ca.crl", "url": "http://ca.example/ca.crl"}]}, "sources.0..file: expected a name"),
        ({"sources": [{"file": "point-1.crl", "url": "http://ca.example/ca.crl"}]}, "sources.0..file: expected a name"),
        ({"sources": [{"file": "ca.crl"}]}, "sources.0.: expected url or path"),
        ({"sources": [{"file": "ca.crl", "url": "file:///ca.crl"}]}, "sources.0..url: expected http:"),
        ({"sources": [{"file": "ca.crl", "path": "a"}, {"file": "ca.crl", "path": "b"}]}, "sources: expected another"),
        ({"points": ["ca.example"]}, "points.0.: expected http"),
        ({"seconds": 0}, "seconds, megabytes and warn_hours"),
        ({"mail": ["a@b.example, c@d.example"]}, "mail.0.: expected a mail address"),
    ],
)
def test_wrong_settings_are_named(table: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=said):
        parse_settings({"revocation": table}, tmp_path)
