"""Every rung of the ladder, triggered alone; mutated signatures; agreement with openssl."""

from __future__ import annotations

import hashlib
import random
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import rfc8785
from cryptography import x509

from portal.refusals import Refused
from portal.signatures import der, ladder
from portal.signatures.ladder import Checked, Expected
from portal.signatures.statement import confirmation_number, payload_digest
from portal.signatures.trust import Trust
from portal.store.rows import Minted
from tests.unit import portal_pki as pki
from tests.unit.portal_forgeries import (
    NONCE,
    PAYLOAD,
    REFUSALS,
    REQUEST,
    edited,
    nested,
    null_parameters,
    stated,
    zero_signature,
)


class Bench(NamedTuple):
    """The parts of one check, each to be replaced alone."""

    authority: pki.Authority
    card: pki.Card
    expected: Expected
    minted: Minted
    trust: Trust
    folder: pki.TrustFolder

    def check(self, cms: bytes) -> Checked:
        opened = ladder.open_statement(cms, self.expected)
        return ladder.check(opened, self.minted, self.expected, self.trust, pki.NOW)

    def code(self, cms: bytes) -> str:
        with pytest.raises(Refused) as caught:
            self.check(cms)
        return caught.value.code


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    authority, folder = pki.Authority(), pki.TrustFolder(tmp_path_factory.mktemp("trust"))
    folder.anchor(authority)
    folder.crl(authority.crl(666))
    card = authority.issue()
    action, expires = REQUEST["action"], pki.NOW + timedelta(minutes=15)
    expected = Expected("registration", action, pki.ORIGIN, pki.AUDIENCE, "visit", card.der)
    minted = Minted(NONCE, "visit", "registration", action, payload_digest(PAYLOAD), {"number": "1"}, expires, 1, None)
    return Bench(authority, card, expected, minted, Trust(folder.folders), folder)


def test_a_statement_that_holds(bench: Bench) -> None:
    checked = bench.check(pki.sign(pki.statement(bench.card, REQUEST), bench.card))
    assert checked.statement.payload == PAYLOAD
    assert checked.context == {"number": "1"}
    assert checked.certificate == bench.card.der
    assert list(checked.revocation_lists) == [hashlib.sha256(bench.authority.crl(666)).hexdigest()]


@pytest.mark.parametrize(
    ("curve", "digest"), [("secp256r1", "sha256"), ("secp384r1", "sha256"), ("secp384r1", "sha384")]
)
def test_elliptic_curves(bench: Bench, curve: str, digest: str) -> None:
    card = bench.authority.issue(200, key=pki.ec_key("card", curve))
    cms = pki.sign(pki.statement(card, REQUEST), card, digest=digest)
    bound = bench._replace(expected=bench.expected._replace(certificate=card.der))
    assert bound.check(cms).evidence["digestAlgorithm"] == digest


def test_intermediates_are_ours_and_senders_are_ignored(bench: Bench, tmp_path: Path) -> None:
    sub = pki.Authority(x509.Name.from_rfc4514_string("CN=Sub,C=JP"), pki.rsa_key("sub"), bench.authority)
    card = sub.issue(300)
    card.chain = (sub.certificate,)
    cms = pki.sign(pki.statement(card, REQUEST), card)
    bound = bench._replace(expected=bench.expected._replace(certificate=card.der))
    assert bound.code(cms) == "certificate_untrusted"
    folder = pki.TrustFolder(tmp_path)
    folder.anchor(bench.authority)
    folder.intermediate(sub)
    folder.crl(bench.authority.crl())
    assert bound._replace(trust=Trust(folder.folders)).code(cms) == "revocation_unavailable"
    folder.crl(sub.crl(), "sub")
    checked = bound._replace(trust=Trust(folder.folders)).check(cms)
    assert len(checked.evidence["chain"]) == 3
    assert len(checked.revocation_lists) == 2


@pytest.mark.parametrize(
    ("code", "build"), REFUSALS, ids=[f"{index}-{code}" for index, (code, _) in enumerate(REFUSALS)]
)
def test_refused_alone(bench: Bench, code: str, build: Callable[[pki.Card], bytes]) -> None:
    assert bench.code(build(bench.card)) == code


def test_depth_8_is_still_a_payload(bench: Bench) -> None:
    minted = bench.minted._replace(payload_sha256=payload_digest(nested(8)))
    assert bench._replace(minted=minted).check(stated(bench.card, payload=nested(8))).context


@pytest.mark.parametrize(
    ("code", "replaced"),
    [
        ("nonce_unknown", {"session": "another visit"}),
        ("nonce_unknown", {"type": "login"}),
        ("nonce_unknown", {"action": "別の操作"}),
        ("nonce_spent", {"spent": pki.NOW}),
        ("nonce_expired", {"expires": pki.NOW}),
        ("nonce_attempts", {"attempts": 6}),
    ],
)
def test_nonce_refused_alone(bench: Bench, code: str, replaced: dict[str, Any]) -> None:
    other = bench._replace(minted=bench.minted._replace(**replaced))
    assert other.code(stated(bench.card)) == code


def test_a_nonce_never_minted(bench: Bench) -> None:
    opened = ladder.open_statement(stated(bench.card), bench.expected)
    with pytest.raises(Refused, match="nonce_unknown"):
        ladder.check(opened, None, bench.expected, bench.trust, pki.NOW)


def test_another_card_than_the_visits(bench: Bench) -> None:
    assert bench.code(stated(bench.authority.issue(122))) == "certificate_mismatch"


def test_attributes_out_of_order_are_refused(bench: Bench) -> None:
    """DER orders a SET OF; openssl would sort before hashing, so two verifiers could see different octets."""
    content = pki.statement(bench.card, REQUEST)
    attributes = sorted(a.dump() for a in pki.signed_attributes(content, bench.card))
    ordered = b"".join(attributes)
    shuffled = b"".join(reversed(attributes))
    cms = pki.sign(content, bench.card)
    assert ordered in cms
    assert bench.code(cms.replace(ordered, shuffled)) == "cms_malformed"


def test_no_flipped_bit_is_accepted(bench: Bench) -> None:
    cms = stated(bench.card)
    dice = random.Random(20261124)  # seeded: the same flips in every run
    for _ in range(600):
        position, bit = dice.randrange(len(cms)), dice.randrange(8)
        mutated = bytearray(cms)
        mutated[position] ^= 1 << bit
        with pytest.raises(Refused):
            bench.check(bytes(mutated))


def test_a_serial_number_of_zero_is_refused(bench: Bench) -> None:
    cms_bytes = pki.sign(pki.statement(bench.card, REQUEST), bench.card)
    info = cms_bytes.replace(b"\x02\x01\x79", b"\x02\x01\x00")
    assert info != cms_bytes
    assert bench.code(info) == "cms_malformed"


def test_no_flipped_bit_of_a_curve_signature_is_accepted(bench: Bench) -> None:
    card = bench.authority.issue(201, key=pki.ec_key("flips"))
    bound = bench._replace(expected=bench.expected._replace(certificate=card.der))
    cms = stated(card)
    bound.check(cms)
    for position in range(len(cms) - 90, len(cms)):  # signatureAlgorithm and signature
        mutated = cms[:position] + bytes((cms[position] ^ 0x01,)) + cms[position + 1 :]
        with pytest.raises(Refused):
            bound.check(mutated)


def test_openssl_agrees(bench: Bench, tmp_path: Path) -> None:
    """What we accept openssl accepts, with CAdES attributes; a zeroed signature neither."""
    for name, curve in (("rsa", None), ("p256", "secp256r1"), ("p384", "secp384r1")):
        key: pki.Key = pki.rsa_key("agree") if curve is None else pki.ec_key("agree", curve)
        card = bench.authority.issue(210, key=key)
        cms = stated(card)
        ladder.open_statement(cms, bench.expected)
        assert _openssl(bench, tmp_path / name, cms).returncode == 0
    assert _openssl(bench, tmp_path / "zero", edited(bench.card, zero_signature)).returncode != 0


def _openssl(bench: Bench, file: Path, cms: bytes) -> subprocess.CompletedProcess[bytes]:
    file.write_bytes(cms)
    anchor = bench.folder.folders.anchors / "ca.pem"
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(file)]
    time = str(int(pki.NOW.timestamp()))
    return subprocess.run(
        [*command, "-CAfile", str(anchor), "-attime", time, "-purpose", "any"], capture_output=True, check=False
    )


def test_the_confirmation_number_of_the_protocol() -> None:
    named: dict[str, Any] = {"type": "login", "action": "a", "aud": "https://p", "nonce": "n", "payload": {}}
    digest = hashlib.sha256(rfc8785.dumps(named)).digest()
    assert confirmation_number("login", "a", "https://p", "n", {}) == "47077358"
    assert int.from_bytes(digest[:8], "big") % 10**8 == 47077358


def test_digest_parameters_may_be_null(bench: Bench) -> None:
    """RFC 5754 §2: parameters absent is what is written, NULL must be read."""
    absent = bytes.fromhex("300b0609608648016503040201")
    cms = stated(bench.card)
    assert cms.count(absent) == 2
    with_null = edited(bench.card, null_parameters)
    assert with_null.count(absent) == 0
    assert bench.check(with_null).evidence["digestAlgorithm"] == "sha256"


def test_the_size_limit_is_the_readers() -> None:
    assert der.MAX_SIZE == 65536
