"""Time-stamps of documents as 検証 in a terminal judges them: of this signature or refused, believed or told."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.card.signature import cades
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.timestamps import attribute
from bridge.timestamps.judge import Reply
from bridge.timestamps.query import Query
from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures import der
from portal.signatures.trust import Trust
from portal.verification import document, opening
from portal.verification.verdicts import Times, Verdict, judge
from tests.time_stamps import Authority, Pair, issued
from tests.unit import pki
from tests.unit.stamp_forgeries import forged

CONTENT = b"document"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("time") / "authority")


@pytest.fixture(scope="module")
def trusted(authority: Authority) -> Trust:
    return _trust(authority.trust_folders(authority.folder / "known"))


@cache
def signature() -> bytes:
    """An attached CAdES signature as the card host makes it."""
    card = pki.card()
    key = load_pem_private_key(card.key_pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    digest = hashlib.sha256(CONTENT).digest()
    attributes = cades.attributes_over(digest, cades.ID_DATA, card.certificate, datetime.now(UTC))
    made = cades.Signature(
        key.sign(attributes, padding.PKCS1v15(), hashes.SHA256()), SignatureAlgorithm.RSA_PKCS1, Hash.SHA256
    )
    return cades.envelope(CONTENT, cades.ID_DATA, attributes, made, cades.SignerIdentity(card.certificate, ()))


def query(of: bytes | None = None) -> bytes:
    value = attribute.signature_value(attribute.split(signature())) if of is None else of
    return Query.new(Hash.SHA256, hashlib.sha256(value).digest()).der()


def stamped(reply: bytes) -> bytes:
    token = Reply.load(reply)["time_stamp_token"].dump()
    return b"".join(attribute.stamped(attribute.split(signature()), token))


def _trust(root: Path) -> Trust:
    return Trust(TrustFolders(root / "anchors", root / "intermediates", root / "crls", root / "past-crls"))


@cache
def _signers() -> Trust:
    root = pki.practice_directory() / "as-trust"
    for kind, name in (("anchors", "ca.pem"), ("crls", "ca.crl")):
        (root / kind).mkdir(parents=True)
        (root / kind / name).write_bytes((pki.practice_directory() / name).read_bytes())
    return _trust(root)


def judged(file: bytes, trust: Trust | None, now: datetime | None = None) -> Verdict:
    return judge(file, None, now or datetime.now(UTC), _signers(), der.LARGEST, Times(trust))


def why(verdict: Verdict) -> str | None:
    """Why the time is not believed of a signature that is good all the same."""
    assert (verdict.refusal, verdict.signed is not None) == (None, True)
    assert verdict.signed is not None
    assert verdict.signed.stamp is not None
    refusal = verdict.signed.stamp.refusal
    assert refusal is None or refusal.code == "timestamp_untrusted"
    return None if refusal is None else refusal.fact


def test_a_time_stamp_of_openssls_is_believed_where_its_authority_is_known(
    authority: Authority, trusted: Trust
) -> None:
    verdict = judged(stamped(authority.reply(query())), trusted)
    assert why(verdict) is None
    assert verdict.signed is not None
    found = verdict.signed.stamp
    assert found is not None
    assert (found.authority, abs(found.stamp.time - datetime.now(UTC)) < timedelta(minutes=1)) == ("CN=Test Time", True)


def test_a_stranger_is_told_and_not_believed(authority: Authority) -> None:
    file = stamped(authority.reply(query()))
    assert why(judged(file, None)) == "certificate_untrusted"
    assert why(judged(file, _signers())) == "certificate_untrusted"


def _lone(authority: Authority, **changes: Any) -> Pair:
    return issued("Other", authority.issuing, **changes)


_CODE = (ExtendedKeyUsageOID.CODE_SIGNING,)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"purposes": _CODE}, "key_usage"),
        ({"purposes": (ExtendedKeyUsageOID.TIME_STAMPING, *_CODE)}, "key_usage"),
        ({"purposes": ()}, "key_usage"),
        ({"critical": False}, "key_usage"),
        ({"days": (-9, -1)}, "certificate_expired"),
        ({"days": (1, 9)}, "certificate_not_yet_valid"),
    ],
)
def test_a_signer_that_may_not_stamp_is_not_believed(
    authority: Authority, trusted: Trust, changes: dict[str, Any], reason: str
) -> None:
    reply = forged(query(), _lone(authority, **changes), (authority.issuing,))
    assert why(judged(stamped(reply), trusted)) == reason


def test_a_time_that_has_not_come_is_not_believed(authority: Authority, trusted: Trust) -> None:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    reply = forged(query(), authority.stamper, (authority.issuing,), time=later)
    assert why(judged(stamped(reply), trusted)) == "certificate_expired"


def test_a_revoked_authority_is_not_believed(authority: Authority) -> None:
    other = issued("Revoked", authority.issuing)
    known = _trust(authority.trust_folders(authority.folder / "revoked", other))
    assert why(judged(stamped(forged(query(), other, (authority.issuing,))), known)) == "certificate_revoked"


def _attributed(change: Callable[[list[Any]], object]) -> Callable[[Authority], bytes]:
    return lambda a: forged(query(), a.stamper, (a.issuing,), attributes=change)


def _signed(change: Callable[[Any], object]) -> Callable[[Authority], bytes]:
    return lambda a: forged(query(), a.stamper, (a.issuing,), signed=change)


def _critical(info: Any) -> None:
    info["extensions"] = [{"extn_id": "1.2.3.4", "critical": True, "extn_value": b"\x05\x00"}]


def _wrong_signature(signed: Any) -> None:
    signed["signer_infos"][0]["signature"] = bytes(70)


@pytest.mark.parametrize(
    "reply",
    [
        lambda a: a.reply(query(b"another signature")),
        lambda a: forged(query(), a.stamper, (a.issuing,), info=_critical),
        _attributed(lambda found: found.pop(0)),
        _attributed(lambda found: found.pop(1)),
        _attributed(lambda found: found.pop(2)),
        _attributed(lambda found: found[1].update(values=[bytes(32)])),
        _attributed(lambda found: found[0].update(values=["data"])),
        _signed(_wrong_signature),
        _signed(lambda signed: signed.__setitem__("certificates", [])),
    ],
)
def test_a_token_that_does_not_hold_is_a_part_that_nobody_protects(
    authority: Authority, trusted: Trust, reply: Callable[[Authority], bytes]
) -> None:
    verdict = judged(stamped(reply(authority)), trusted)
    assert verdict.refusal is not None
    assert verdict.refusal.code == "unsigned_parts"


def test_where_no_time_stamps_are_taken_there_may_be_none(authority: Authority) -> None:
    file = stamped(authority.reply(query()))
    for take in (opening.open_file, lambda data, _, limit: document.read(data, limit)):
        with pytest.raises(Refused) as refused:
            take(file, None, der.LARGEST)
        assert refused.value.code == "unsigned_parts"


def test_changed_bytes_change_neither_time_nor_authority(authority: Authority, trusted: Trust) -> None:
    file = stamped(authority.reply(query()))
    good = judged(file, trusted).signed
    dice, begin = random.Random(68), len(signature())
    for _ in range(300):
        at = dice.randrange(begin, len(file))
        changed = bytearray(file)
        changed[at] ^= 1 << dice.randrange(8)
        verdict = judged(bytes(changed), trusted)
        if verdict.refusal is None and why(verdict) != "certificate_extra":
            assert verdict.signed == good


def test_what_comes_with_a_token_is_vouched_for_or_it_is_not_believed(authority: Authority, trusted: Trust) -> None:
    """The anchor's name and key may come in another CA's certificate: authorities send such along."""
    cross = issued("Test Time Root", issued("Elsewhere", None, None), None, key=authority.root.key)
    for more, reason in (
        ((authority.root,), None),
        ((cross,), None),
        ((issued("X", None, None),), "certificate_extra"),
    ):
        reply = forged(query(), authority.stamper, (authority.issuing, *more))
        assert why(judged(stamped(reply), trusted)) == reason
