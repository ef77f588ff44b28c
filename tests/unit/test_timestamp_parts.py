"""Time-stamps: query and attribute byte for byte, the shape of what is read, and whom policy trusts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, tsp

from bridge.card.signature.algorithms import Hash
from bridge.errors import TimestampUntrusted
from bridge.timestamps import attribute, path, shape
from bridge.timestamps.judge import judge
from bridge.timestamps.query import Query
from tests.time_stamps import POLICY, Authority
from tests.unit.test_cades import signed as signed_statement

DATA = b"a signature's value"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("time") / "authority")


@pytest.fixture(scope="module")
def token(authority: Authority) -> bytes:
    query = Query.new(Hash.SHA256, hashlib.sha256(DATA).digest())
    reply = authority.reply(query.der())
    return judge(reply, query, path.anchors(authority.trust), datetime.now(UTC)).token


@pytest.mark.parametrize("hash_", Hash)
@pytest.mark.parametrize("policy", ["", POLICY])
@pytest.mark.parametrize("nonce", [1, 0x7F, 0x80, 2**63, 2**64 - 1])
def test_the_query_equals_a_general_encoders(hash_: Hash, policy: str, nonce: int) -> None:
    algorithm = {"algorithm": hash_.library_name}
    asked: dict[str, Any] = {"version": 1, "nonce": nonce, "cert_req": True}
    made = tsp.TimeStampReq(
        {**asked, "message_imprint": {"hash_algorithm": algorithm, "hashed_message": hash_.of(DATA)}}
    )
    del made["message_imprint"]["hash_algorithm"]["parameters"]
    if policy:
        made["req_policy"] = policy
    assert Query(hash_, hash_.of(DATA), nonce, policy).der() == made.dump()


def test_each_query_has_a_nonce_of_its_own() -> None:
    assert len({Query.new(Hash.SHA256, bytes(32)).nonce for _ in range(100)}) == 100


def test_the_attribute_equals_a_general_encoders(token: bytes) -> None:
    envelope, _, signature = signed_statement()
    assert attribute.signature_value(attribute.split(envelope)) == signature
    modelled = cms.ContentInfo.load(envelope)
    modelled["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(
        [{"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]}]
    )
    assert b"".join(attribute.stamped(attribute.split(envelope), token)) == modelled.dump()


@pytest.mark.parametrize("size", [0, 1, 127, 65_500, 3 << 20])
def test_what_stands_around_a_document_is_stamped_as_the_whole_is(token: bytes, size: int) -> None:
    whole, _, _ = signed_statement(content=bytes(size))
    begun, rest = attribute.split(whole)
    around = attribute.Around(begun[: len(begun) - size], rest)
    assert attribute.signature_value(around) == attribute.signature_value(attribute.split(whole))
    made = attribute.stamped(around, token)
    assert made.begun + bytes(size) + made.rest == b"".join(attribute.stamped(attribute.split(whole), token))


@pytest.mark.parametrize(
    "change", [lambda cms_: cms_[:-1], lambda cms_: cms_ + b"\0", lambda cms_: b"", lambda _: DATA]
)
def test_what_the_card_host_did_not_make_is_not_stamped(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(attribute.NotOurs):
        attribute.signature_value(attribute.split(change(signed_statement()[0])))


def test_what_is_stamped_already_is_not_stamped_again(token: bytes) -> None:
    with pytest.raises(attribute.NotOurs):
        attribute.stamped(attribute.stamped(attribute.split(signed_statement()[0]), token), token)


@pytest.mark.parametrize("reply", [b"\x30\x82\xff\xff" + bytes(65531), b"\x30\x80" * 30, None, b"\x05\x00" * 3000])
def test_what_could_keep_a_reader_busy_is_not_read(reply: bytes | None) -> None:
    data = _deep() if reply is None else reply
    with pytest.raises(shape.NotDer):
        shape.check(data)


def _deep() -> bytes:
    made = b""
    for _ in range(shape.MAX_DEPTH + 2):
        made = core.Sequence(contents=made).dump()
    return bytes(made)


def test_too_many_elements_are_not_read() -> None:
    with pytest.raises(shape.NotDer, match="4096"):
        shape.check(core.Sequence(contents=b"\x05\x00" * 5000).dump())


def test_anchors_are_a_file_or_a_folder_and_never_none(authority: Authority, tmp_path: Path) -> None:
    (found,) = path.anchors(authority.trust / "root.pem")
    assert found == authority.root.certificate
    (tmp_path / "root.der").write_bytes(authority.root.der)
    assert path.anchors(tmp_path) == [found]
    for place in (tmp_path / "none", tmp_path / "empty", Path(__file__)):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(TimestampUntrusted):
            path.anchors(place)
