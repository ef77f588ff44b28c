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
from asn1crypto import cms as asn1_cms
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.refusals import Refused
from portal.signatures import der, ladder
from portal.signatures.ladder import Checked, Expected
from portal.signatures.statement import confirmation_number, payload_digest
from portal.signatures.trust import Trust
from portal.store.rows import Minted
from tests.unit import portal_pki as pki

NONCE = "A" * 43
PAYLOAD = {"sections": [{"label": "企業情報", "value": [{"label": "企業名称", "value": "北東組株式会社"}]}]}
REQUEST: dict[str, Any] = {
    "type": "registration",
    "action": "利用者登録（登録）",
    "aud": pki.AUDIENCE,
    "nonce": NONCE,
    "payload": PAYLOAD,
}


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


def _attributes(card: pki.Card, change: Callable[[list[asn1_cms.CMSAttribute]], list[asn1_cms.CMSAttribute]]) -> bytes:
    content = pki.statement(card, REQUEST)
    return pki.sign(content, card, attributes=change(pki.signed_attributes(content, card)))


def _without(name: str) -> Callable[[list[Any]], list[Any]]:
    return lambda attributes: [a for a in attributes if a["type"].native != name]


def _with(name: str, value: Any) -> Callable[[list[Any]], list[Any]]:
    changed = asn1_cms.CMSAttribute({"type": name, "values": [value]})
    return lambda attributes: [changed if a["type"].native == name else a for a in attributes]


def _statement(card: pki.Card, **replaced: Any) -> bytes:
    return pki.sign(pki.statement(card, REQUEST, **replaced), card)


def _content(card: pki.Card, change: Callable[[bytes], bytes]) -> bytes:
    return pki.sign(change(pki.statement(card, REQUEST)), card)


def _edited(card: pki.Card, edit: Callable[[Any], None]) -> bytes:
    """The CMS after a change that its signature does not cover."""
    info = asn1_cms.ContentInfo.load(_statement(card))
    edit(info["content"])
    return bytes(info.dump(force=True))


def _other_certificate(card: pki.Card) -> bytes:
    """Another certificate of the same issuer, serial and key in place of the signer's."""
    return pki.sign(
        pki.statement(card, REQUEST),
        card,
        certificates=[pki.Authority().issue(name=pki.subject("別会社"), key=card.key).der],
    )


def _two_signers(data: Any) -> None:
    data["signer_infos"] = [data["signer_infos"][0], _resigned(data["signer_infos"][0])]


def _resigned(info: Any) -> Any:
    other = asn1_cms.SignerInfo.load(info.dump())
    other["signature"] = b"\x00" * 256
    return other


def _unsigned(data: Any) -> None:
    attribute = {"type": "1.2.3.4", "values": [core.Null()]}
    data["signer_infos"][0]["unsigned_attrs"] = [attribute]


def _crls(data: Any) -> None:
    data["crls"] = [asn1_cms.RevocationInfoChoice.load(pki.Authority().crl())]


def _version_1(data: Any) -> None:
    data["version"] = "v1"


REFUSALS: list[tuple[str, Callable[[pki.Card], bytes]]] = [
    ("cms_size", lambda card: bytes(64 * 1024 + 1)),
    ("cms_malformed", lambda card: b""),
    ("cms_malformed", lambda card: _statement(card) + b"\x00"),
    ("cms_malformed", lambda card: _statement(card)[:-1]),
    ("cms_malformed", lambda card: b"\x30\x80" + _statement(card)[4:] + b"\x00\x00"),
    ("cms_malformed", lambda card: _edited(card, _two_signers)),
    ("cms_malformed", lambda card: _edited(card, _unsigned)),
    ("cms_malformed", lambda card: _edited(card, _crls)),
    ("cms_malformed", lambda card: _edited(card, _version_1)),
    ("cms_malformed", lambda card: pki.sign(pki.statement(card, REQUEST), card, certificates=[])),
    ("cms_malformed", lambda card: _many_certificates(card)),
    ("signer_missing", lambda card: pki.sign(b"", card, certificates=[pki.Authority().issue(999).der])),
    ("algorithm_refused", lambda card: pki.sign(pki.statement(card, REQUEST), card, digest="sha1")),
    ("attribute_missing", lambda card: _attributes(card, _without("signing_time"))),
    ("attribute_missing", lambda card: _attributes(card, _without("signing_certificate_v2"))),
    ("attribute_missing", lambda card: _attributes(card, _without("message_digest"))),
    ("attribute_unknown", lambda card: _attributes(card, lambda a: [*a, _unknown_attribute()])),
    ("attribute_repeated", lambda card: _attributes(card, lambda a: [*a, _second_time()])),
    ("content_type", lambda card: pki.sign(pki.statement(card, REQUEST), card, content_type="1.2.840.113549.1.7.1")),
    ("content_type", lambda card: _attributes(card, _with("content_type", asn1_cms.ContentType("1.2.3")))),
    ("digest_mismatch", lambda card: _attributes(card, _with("message_digest", core.OctetString(bytes(32))))),
    ("signing_certificate_mismatch", _other_certificate),
    ("signature_invalid", lambda card: _edited(card, lambda data: _zero_signature(data))),
    ("key_refused", lambda card: _small_key()),
    ("not_canonical", lambda card: _content(card, lambda c: c.replace(b'{"action"', b'{ "action"'))),
    ("not_canonical", lambda card: _content(card, lambda c: c + b"\n")),
    ("statement_malformed", lambda card: _content(card, lambda c: b'{"v":1,' + c[1:])),  # v twice
    ("statement_malformed", lambda card: _content(card, lambda c: c + b"\xff")),
    ("statement_malformed", lambda card: _statement(card, v=2)),
    ("statement_malformed", lambda card: _statement(card, v=True)),
    ("statement_malformed", lambda card: _statement(card, nonce="short")),
    ("statement_malformed", lambda card: _statement(card, issuedAt="2026-11-24")),
    ("statement_malformed", lambda card: _statement(card, issuedAt="2026-13-24T00:00:00Z")),
    ("statement_malformed", lambda card: _statement(card, payload=_nested(9))),
    ("statement_malformed", lambda card: _statement(card, payload=[])),
    ("statement_malformed", lambda card: _statement(card, cert={"sha256": "AB"})),
    ("statement_keys", lambda card: _statement(card, extra=1)),
    ("statement_keys", lambda card: pki.sign(b"[]", card)),
    ("statement_type", lambda card: _statement(card, type="login")),
    ("action_mismatch", lambda card: _statement(card, action="利用者登録（変更）")),
    ("origin_mismatch", lambda card: _statement(card, origin="https://localhost:22443.evil.example")),
    ("audience_mismatch", lambda card: _statement(card, aud="https://localhost:22444")),
    ("payload_mismatch", lambda card: _statement(card, payload={})),
    ("certificate_mismatch", lambda card: _statement(card, cert={"sha256": "0" * 64})),
]


def _many_certificates(card: pki.Card) -> bytes:
    others = [pki.Authority().issue(serial, key=card.key).der for serial in range(400, 404)]
    return pki.sign(pki.statement(card, REQUEST), card, certificates=[card.der, *others])


def _unknown_attribute() -> asn1_cms.CMSAttribute:
    return asn1_cms.CMSAttribute({"type": "1.2.3.4", "values": [core.Null()]})


def _second_time() -> asn1_cms.CMSAttribute:
    time = asn1_cms.Time("utc_time", core.UTCTime(pki.NOW + timedelta(seconds=1)))
    return asn1_cms.CMSAttribute({"type": "signing_time", "values": [time]})


def _zero_signature(data: Any) -> None:
    data["signer_infos"][0]["signature"] = bytes(256)


def _small_key() -> bytes:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - below the floor on purpose
    card = pki.Authority().issue(500, key=small)
    return pki.sign(pki.statement(card, REQUEST), card)


def _nested(depth: int) -> Any:
    return {} if depth == 1 else {"a": _nested(depth - 1)}


@pytest.mark.parametrize(
    ("code", "build"), REFUSALS, ids=[f"{index}-{code}" for index, (code, _) in enumerate(REFUSALS)]
)
def test_refused_alone(bench: Bench, code: str, build: Callable[[pki.Card], bytes]) -> None:
    assert bench.code(build(bench.card)) == code


def test_depth_8_is_still_a_payload(bench: Bench) -> None:
    minted = bench.minted._replace(payload_sha256=payload_digest(_nested(8)))
    assert bench._replace(minted=minted).check(_statement(bench.card, payload=_nested(8))).context


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
    assert other.code(_statement(bench.card)) == code


def test_a_nonce_never_minted(bench: Bench) -> None:
    opened = ladder.open_statement(_statement(bench.card), bench.expected)
    with pytest.raises(Refused, match="nonce_unknown"):
        ladder.check(opened, None, bench.expected, bench.trust, pki.NOW)


def test_another_card_than_the_visits(bench: Bench) -> None:
    assert bench.code(_statement(bench.authority.issue(122))) == "certificate_mismatch"


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
    cms = _statement(bench.card)
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
    cms = _statement(card)
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
        cms = _statement(card)
        ladder.open_statement(cms, bench.expected)
        assert _openssl(bench, tmp_path / name, cms).returncode == 0
    assert _openssl(bench, tmp_path / "zero", _edited(bench.card, _zero_signature)).returncode != 0


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
    cms = _statement(bench.card)
    assert cms.count(absent) == 2
    with_null = _edited(bench.card, _null_parameters)
    assert with_null.count(absent) == 0
    assert bench.check(with_null).evidence["digestAlgorithm"] == "sha256"


def _null_parameters(data: Any) -> None:
    data["digest_algorithms"] = [{"algorithm": "sha256"}]
    data["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha256"}


def test_the_size_limit_is_the_readers() -> None:
    assert der.MAX_SIZE == 65536
