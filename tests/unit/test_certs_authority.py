"""The issued chain, judged by openssl: strict, inside every window, and for no other name."""

from __future__ import annotations

import ipaddress
import itertools
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs import authority, store

NOW = 1_800_000_000.25
DAY = 86400


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)


def verify(directory: Path, leaf: Path, at: int, *more: str) -> subprocess.CompletedProcess[str]:
    strict = ["-x509_strict", "-purpose", "sslserver", "-attime", str(at), *more]
    return openssl("verify", *strict, "-CAfile", directory / "root.pem", leaf)


@pytest.fixture
def issued(tmp_path: Path) -> store.Certificates:
    made = authority.issue(NOW)
    return store.save(tmp_path / "tls", made.root, made.leaves)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_openssl_accepts_every_leaf_inside_its_window(issued: store.Certificates, name: str) -> None:
    option = "-verify_hostname" if name == "localhost" else "-verify_ip"
    for leaf in issued.leaves:
        for moment in (leaf.not_before, leaf.not_after - 1):
            done = verify(leaf.path.parent, leaf.path, moment, option, name)
            assert done.returncode == 0, done.stderr


def test_openssl_refuses_every_leaf_outside_its_window(issued: store.Certificates) -> None:
    for leaf in issued.leaves:
        assert "certificate is not yet valid" in verify(leaf.path.parent, leaf.path, leaf.not_before - 1).stderr
        assert "certificate has expired" in verify(leaf.path.parent, leaf.path, leaf.not_after + 1).stderr


def test_windows_follow_each_other_with_thirty_days_in_common(issued: store.Certificates) -> None:
    leaves = issued.leaves
    assert [leaf.not_after - leaf.not_before for leaf in leaves] == [800 * DAY] * 5
    assert [a.not_after - b.not_before for a, b in itertools.pairwise(leaves)] == [30 * DAY] * 4
    root = x509.load_der_x509_certificate(issued.root)
    assert root.not_valid_before_utc.timestamp() == leaves[0].not_before <= NOW
    assert root.not_valid_after_utc.timestamp() == leaves[-1].not_after
    assert root.not_valid_after_utc - root.not_valid_before_utc >= timedelta(days=3650)


@pytest.mark.parametrize(
    "foreign",
    [
        x509.DNSName("evil.example"),
        x509.DNSName("localhost.evil.example"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.2")),
        x509.IPAddress(ipaddress.ip_address("::2")),
    ],
    ids=str,
)
def test_the_root_can_vouch_for_no_other_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreign: x509.GeneralName
) -> None:
    monkeypatch.setattr(authority, "NAMES", (*authority.NAMES, foreign))
    made = authority.issue(NOW)
    leaf = store.save(tmp_path, made.root, made.leaves).leaves[0]
    assert "permitted subtree violation" in verify(tmp_path, leaf.path, int(NOW)).stderr


def test_the_root_certifies_servers_and_no_further_authority(issued: store.Certificates) -> None:
    root = x509.load_der_x509_certificate(issued.root)
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert basic.value == x509.BasicConstraints(ca=True, path_length=0)
    assert root.extensions.get_extension_for_class(x509.NameConstraints).critical
    usage = root.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_keys_are_p_256_and_leaves_are_for_servers_of_this_computer_alone(issued: store.Certificates) -> None:
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(ip)) for ip in ("127.0.0.1", "::1"))]
    leaves = [x509.load_pem_x509_certificate(leaf.path.read_bytes()) for leaf in issued.leaves]
    for certificate in (x509.load_der_x509_certificate(issued.root), *leaves):
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.curve.name == "secp256r1"
    for leaf in leaves:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
        assert list(leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value) == names


def test_the_authoritys_key_is_in_no_file(issued: store.Certificates) -> None:
    root_key = x509.load_der_x509_certificate(issued.root).public_key()
    found = 0
    for path in issued.leaves[0].path.parent.iterdir():
        if b"PRIVATE KEY" not in path.read_bytes():
            continue
        key = load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert key.public_key() != root_key
        found += 1
    assert found == len(issued.leaves)


def test_two_installations_share_no_subject() -> None:
    subjects = {x509.load_der_x509_certificate(authority.issue(NOW).root).subject for _ in range(2)}
    assert len(subjects) == 2
