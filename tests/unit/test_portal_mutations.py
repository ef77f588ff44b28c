"""Nothing is accepted that openssl refuses: 10,000 seeded mutations of statements and documents."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from portal.refusals import Refused
from portal.signatures import der
from portal.signatures.trust import Trust
from portal.verification import opening
from tests.unit import portal_pki as pki
from tests.unit.mutations import mutated, replaced
from tests.unit.portal_documents import DOCUMENT, openssl_sign
from tests.unit.portal_forgeries import edited, null_parameters, stated, zero_signature

MUTATIONS = 10_000
_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # its order (SP 800-186 §3.2.1.3)


class Signed(NamedTuple):
    """A good file, and the document beside it where it is detached."""

    file: bytes
    beside: bytes | None = None


class Bench:
    """One CA, one trust; the portal's word and openssl's on a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.authority = pki.Authority()
        trust = pki.TrustFolder(folder / "trust")
        trust.anchor(self.authority)
        trust.crl(self.authority.crl(666))
        self._trust = Trust(trust.folders)
        (folder / "trust.pem").write_bytes(_pem(self.authority.certificate) + _crl_pem(self.authority.crl(666)))
        self.rsa, self.curve = self.authority.issue(300), self.authority.issue(301, key=pki.ec_key("mutations"))

    def accepts(self, signed: Signed) -> bool:
        """By the widest door there is: a file for 検証機能, statement or document."""
        try:
            opened = opening.open_file(signed.file, signed.beside, der.LARGEST)
            self._trust.validate(opened.signer, pki.NOW)
        except Refused:
            return False
        return True

    def openssl(self, signed: Signed) -> bool:
        (self._folder / "file").write_bytes(signed.file)
        command: list[str | Path] = [
            "openssl",
            "cms",
            "-verify",
            "-cades",
            "-binary",
            "-inform",
            "DER",
            "-in",
            self._folder / "file",
        ]
        command += ["-CAfile", self._folder / "trust.pem", "-crl_check", "-purpose", "any"]
        command += ["-attime", str(int(pki.NOW.timestamp()))]
        if signed.beside is not None:
            (self._folder / "beside").write_bytes(signed.beside)
            command += ["-content", self._folder / "beside"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _crl_pem(der_: bytes) -> bytes:
    return x509.load_der_x509_crl(der_).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("mutations"))


@pytest.fixture(scope="module")
def good(bench: Bench) -> list[Signed]:
    signed = [Signed(stated(bench.rsa)), Signed(stated(bench.curve))]
    signed.append(Signed(openssl_sign(DOCUMENT, bench.rsa, options=("-nodetach",))))
    signed.append(Signed(openssl_sign(DOCUMENT, bench.curve), DOCUMENT))
    return signed


def test_what_is_accepted_is_accepted_by_openssl(bench: Bench, good: list[Signed]) -> None:
    assert all(bench.accepts(each) and bench.openssl(each) for each in good)
    dice = random.Random(20261124)  # seeded: the same mutations of files of the same shape
    accepted: list[Signed] = []
    changed = 0
    for number in range(MUTATIONS):
        base = good[number % len(good)]
        mutation = base._replace(file=mutated(base.file, dice.choice(good).file, dice))
        changed += mutation != base
        if mutation != base and bench.accepts(mutation):
            accepted.append(mutation)
    assert changed > MUTATIONS * 0.9
    assert [each.file.hex() for each in accepted if not bench.openssl(each)] == []
    assert len(accepted) < MUTATIONS // 100, "what nobody signed should be able to change next to nothing"


def test_other_ways_to_write_what_was_signed(bench: Bench) -> None:
    """Accepted, and by openssl as well: the comparison above does have something to compare."""
    negated = Signed(edited(bench.curve, _negate))
    with_null = Signed(edited(bench.rsa, null_parameters))
    for each in (negated, with_null):
        assert bench.accepts(each)
        assert bench.openssl(each)


def test_what_both_refuse(bench: Bench, good: list[Signed]) -> None:
    for each in (Signed(edited(bench.rsa, zero_signature)), good[3]._replace(beside=DOCUMENT + b" ")):
        assert not bench.accepts(each)
        assert not bench.openssl(each)


@pytest.mark.parametrize("path", [[1, 0, 1, 0], [1, 0, 4, 0, 2], [1, 0, 4, 0, 4]])
def test_an_algorithm_that_names_nothing_is_refused(good: list[Signed], path: list[int]) -> None:
    for each in good:
        with pytest.raises(Refused, match="cms_malformed"):
            opening.open_file(replaced(each.file, path, b"\x30\x00"), each.beside, der.LARGEST)


def _negate(signed_data: asn1_cms.SignedData) -> None:
    """(r, n − s) is a signature wherever (r, s) is one."""
    info = signed_data["signer_infos"][0]
    first, second = decode_dss_signature(info["signature"].native)
    info["signature"] = core.OctetString(encode_dss_signature(first, _P256 - second))
