"""Replies of a time-stamp authority: openssl's hold, and none that must not be believed does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.card.signature.algorithms import Hash
from bridge.errors import BridgeError
from bridge.timestamps import path
from bridge.timestamps.judge import Stamp, judge
from bridge.timestamps.query import Query
from tests.time_stamps import POLICY, Authority, Pair, issued
from tests.unit.mutations import element
from tests.unit.stamp_forgeries import Change, extensions_twice, forged, refusal

DATA = b"a signature's value"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("time") / "authority")


@pytest.fixture
def query() -> Query:
    return Query.new(Hash.SHA256, hashlib.sha256(DATA).digest())


def judged(authority: Authority, reply: bytes, query: Query, now: datetime | None = None) -> Stamp:
    return judge(reply, query, path.anchors(authority.trust), now or datetime.now(UTC))


@pytest.mark.parametrize("hash_", Hash)
def test_openssls_reply_holds_here_as_it_does_there(authority: Authority, hash_: Hash) -> None:
    query = Query.new(hash_, hash_.of(DATA), POLICY)
    stamp = judged(authority, authority.reply(query.der()), query)
    assert authority.holds(stamp.token, query.imprint, hash_.library_name)
    assert (stamp.authority, stamp.time.tzinfo) == ("CN=Test Time", UTC)
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(minutes=1)


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def test_a_reply_of_the_forger_that_changes_nothing_holds(authority: Authority, query: Query) -> None:
    """What is refused below is refused for the one thing that was changed."""
    stamp = judged(authority, forged(query.der(), authority.stamper, (authority.issuing,)), query)
    assert authority.holds(stamp.token, query.imprint)
    other = issued("RSA Time", authority.issuing, key=_rsa())
    assert judged(authority, forged(query.der(), other, (authority.issuing,)), query).authority == "CN=RSA Time"


def _info(key: str, value: object) -> Change:
    def change(info: Any) -> None:
        info[key] = value

    return change


def _imprint(name: str, digest: bytes) -> Change:
    return _info("message_imprint", {"hash_algorithm": {"algorithm": name}, "hashed_message": digest})


_CRITICAL = [{"extn_id": "1.2.3.4", "critical": True, "extn_value": b"\x05\x00"}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_info("nonce", 5), "nonce"),
        (_info("nonce", None), "nonce"),
        (_imprint("sha256", bytes(32)), "imprint"),
        (_imprint("sha512", bytes(64)), "hash"),
        (_imprint("sha1", bytes(20)), "hash"),
        (_info("policy", "1.2.3.9"), "policy"),
        (_info("extensions", _CRITICAL), "critical"),
    ],
)
def test_what_was_not_asked_for_is_invalid(authority: Authority, change: Change, reason: str) -> None:
    query = Query.new(Hash.SHA256, hashlib.sha256(DATA).digest(), POLICY)
    reply = forged(query.der(), authority.stamper, (authority.issuing,), info=change)
    assert _refused(authority, reply, query) == ("timestamp_invalid", reason)


def _drop(at: int) -> Change:
    return lambda attributes: attributes.pop(at)


def _replace(at: int, values: list[Any]) -> Change:
    return lambda attributes: attributes[at].update(values=values)


def _twice(attributes: list[Any]) -> None:
    attributes.append(attributes[1])


_OTHER = [tsp.SigningCertificateV2({"certs": [{"cert_hash": bytes(32)}]})]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_drop(0), "content_type"),
        (_drop(1), "message_digest"),
        (_drop(2), "signing_certificate"),
        (_replace(0, ["data"]), "content-type"),
        (_replace(1, [bytes(32)]), "message-digest"),
        (_replace(2, _OTHER), "signing-certificate"),
        (_twice, "twice"),
    ],
)
def test_each_signed_attribute_is_there_once_and_true(
    authority: Authority, query: Query, change: Change, reason: str
) -> None:
    reply = forged(query.der(), authority.stamper, (authority.issuing,), attributes=change)
    assert _refused(authority, reply, query) == ("timestamp_invalid", reason)


def _signature(signed: Any) -> None:
    value = bytearray(signed["signer_infos"][0]["signature"].native)
    value[-1] ^= 1
    signed["signer_infos"][0]["signature"] = bytes(value)


def _two_signers(signed: Any) -> None:
    signed["signer_infos"].append(signed["signer_infos"][0].copy())


def _no_certificates(signed: Any) -> None:
    signed["certificates"] = []


def _other_content(signed: Any) -> None:
    signed["encap_content_info"] = {"content_type": "data", "content": core.ParsableOctetString(b"x")}


def _sha1(signed: Any) -> None:
    signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}


def _other_digests(signed: Any) -> None:
    signed["digest_algorithms"] = [{"algorithm": "sha512"}]


def _more_in_a_digest(signed: Any) -> None:
    """What stands there beside hash and NULL is covered by nothing."""
    more = core.Sequence(contents=core.ObjectIdentifier("2.16.840.1.101.3.4.2.1").dump() + b"\x05\x00" * 2)
    signed["digest_algorithms"] = cms.DigestAlgorithms(contents=more.dump())


def _other_version(signed: Any) -> None:
    """RFC 5652 §5.3: 3 goes with a key identifier."""
    signed["signer_infos"][0]["version"] = "v3"


def _more_beside_the_content(signed: Any) -> None:
    content = signed["encap_content_info"]
    more = core.Sequence(contents=content["content_type"].dump() + content["content"].dump() + b"\x05\x00")
    signed["encap_content_info"] = cms.EncapsulatedContentInfo.load(more.dump())


@pytest.mark.parametrize(
    "change",
    [
        *(_signature, _two_signers, _no_certificates, _other_content, _sha1, _other_digests, _more_in_a_digest),
        *(_other_version, _more_beside_the_content),
    ],
)
def test_a_token_that_its_signer_did_not_sign_so_is_invalid(authority: Authority, query: Query, change: Change) -> None:
    reply = forged(query.der(), authority.stamper, (authority.issuing,), signed=change)
    assert _refused(authority, reply, query)[0] == "timestamp_invalid"


def test_a_certificate_of_no_version_is_invalid(authority: Authority, query: Query) -> None:
    """Such an error of cryptography's is no ValueError."""
    version = b"\xa0\x03\x02\x01"
    reply = forged(query.der(), authority.stamper, (authority.issuing,)).replace(version + b"\x02", version + b"\x12")
    assert _refused(authority, reply, query)[0] == "timestamp_invalid"


def _stampers(authority: Authority) -> dict[str, tuple[Pair, tuple[Pair, ...]]]:
    issuing, root = authority.issuing, authority.root
    stranger = issued("Stranger", None, None)
    signing = (ExtendedKeyUsageOID.CODE_SIGNING,)
    over = issued("Over", root, None, days=(-30, -1))
    return {
        "other_purpose": (issued("A", issuing, signing), (issuing,)),
        "two_purposes": (issued("B", issuing, (ExtendedKeyUsageOID.TIME_STAMPING, *signing)), (issuing,)),
        "no_purpose": (issued("C", issuing, ()), (issuing,)),
        "not_critical": (issued("D", issuing, critical=False), (issuing,)),
        "expired": (issued("E", issuing, days=(-30, -1)), (issuing,)),
        "not_yet": (issued("F", issuing, days=(1, 30)), (issuing,)),
        "issuer_expired": (issued("G", over), (over,)),
        "stranger": (issued("H", stranger), (stranger,)),
        "no_chain": (authority.stamper, ()),
        "issuer_is_no_ca": (issued("I", authority.stamper), (authority.stamper, issuing)),
    }


@pytest.mark.parametrize(
    "case",
    [
        *("other_purpose", "two_purposes", "no_purpose", "not_critical", "expired", "not_yet"),
        *("issuer_expired", "stranger", "no_chain", "issuer_is_no_ca"),
    ],
)
def test_a_signer_that_may_not_stamp_time_for_us_is_untrusted(authority: Authority, query: Query, case: str) -> None:
    signer, chain = _stampers(authority)[case]
    assert _refused(authority, forged(query.der(), signer, chain), query)[0] == "timestamp_untrusted"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_that_is_far_from_the_authoritys_is_told(authority: Authority, query: Query, minutes: int) -> None:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    with pytest.raises(BridgeError) as refused:
        judged(authority, authority.reply(query.der()), query, now)
    assert refused.value.code == "timestamp_clock"
    assert refused.value.reason.startswith(("359 s", "360 s", "361 s"))
    assert judged(authority, authority.reply(query.der()), query, now - timedelta(minutes=minutes / 3))


def test_an_authoritys_no_is_told_in_the_standards_words(authority: Authority, query: Query) -> None:
    with pytest.raises(BridgeError) as refused:
        judged(authority, refusal("time_not_available"), query)
    assert (refused.value.code, refused.value.reason) == ("timestamp_refused", "rejection: time_not_available")


@pytest.mark.parametrize(
    "change",
    [
        lambda reply: reply + b"\0",
        lambda reply: reply[:-1],
        lambda reply: b"",
        lambda reply: b"<html>no</html>",
        lambda reply: b"\x30\x80" + reply[4:] + b"\0\0",  # indefinite length
        lambda reply: b"\x30\x83\x00" + reply[2:],  # a length with a zero before it
        lambda reply: b"\x30\x03\x02\x01\x00",  # granted, without a token
        lambda reply: b"\x24" + reply[1:],  # a constructed string
    ],
)
def test_bytes_of_another_shape_are_invalid(
    authority: Authority, query: Query, change: Callable[[bytes], bytes]
) -> None:
    assert _refused(authority, change(authority.reply(query.der())), query)[0] == "timestamp_invalid"


def test_a_stamp_costs_no_path_of_five_issuers(authority: Authority, query: Query) -> None:
    chain: list[Pair] = [authority.root]
    for number in range(path.MAX_DEPTH + 1):
        chain.append(issued(f"CA {number}", chain[-1], None))
    signer = issued("Far", chain[-1])
    assert isinstance(signer.certificate, x509.Certificate)
    assert _refused(authority, forged(query.der(), signer, tuple(chain[1:])), query)[0] == "timestamp_untrusted"


def _refused(authority: Authority, reply: bytes, query: Query) -> tuple[str, str]:
    """The refusal's code, and which of the words that tests look for stands in its reason."""
    with pytest.raises(BridgeError) as refused:
        judged(authority, reply, query)
    reason = refused.value.reason
    return refused.value.code, next((word for word in _WORDS if word in reason), reason)


_WORDS = (
    *("nonce", "imprint", "hash", "policy", "critical", "content_type", "message_digest", "signing_certificate"),
    *("content-type", "message-digest", "signing-certificate", "twice"),
)


def test_a_certificate_with_its_extensions_twice_is_refused_whatever_its_length(
    authority: Authority, query: Query
) -> None:
    """Of a length that ends in 80 it was written anew by asn1crypto, without the second, and so believed."""
    lengths = set()
    while 0x180 not in lengths:  # signatures by ECDSA differ in length
        issuing = issued("Test Time Issuing", authority.root, None)
        good = forged(query.der(), issued("Test Time", issuing), (issuing,))
        judged(authority, good, query)
        for number in (0, 1):
            changed = extensions_twice(good, number)
            lengths.add(len(element(changed, [1, 1, 0, 3, number]).content))
            code, _ = _refused(authority, changed, query)
            assert code == "timestamp_invalid"
