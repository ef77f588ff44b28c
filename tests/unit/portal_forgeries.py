"""Statements and envelopes that a verifier must refuse, each with the code of the one thing that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from asn1crypto import cms as asn1_cms
from asn1crypto import core
from cryptography.hazmat.primitives.asymmetric import rsa

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


def _attributes(card: pki.Card, change: Callable[[list[asn1_cms.CMSAttribute]], list[asn1_cms.CMSAttribute]]) -> bytes:
    content = pki.statement(card, REQUEST)
    return pki.sign(content, card, attributes=change(pki.signed_attributes(content, card)))


def _without(name: str) -> Callable[[list[Any]], list[Any]]:
    return lambda attributes: [a for a in attributes if a["type"].native != name]


def _with(name: str, value: Any) -> Callable[[list[Any]], list[Any]]:
    changed = asn1_cms.CMSAttribute({"type": name, "values": [value]})
    return lambda attributes: [changed if a["type"].native == name else a for a in attributes]


def stated(card: pki.Card, **replaced: Any) -> bytes:
    return pki.sign(pki.statement(card, REQUEST, **replaced), card)


def _content(card: pki.Card, change: Callable[[bytes], bytes]) -> bytes:
    return pki.sign(change(pki.statement(card, REQUEST)), card)


def edited(card: pki.Card, edit: Callable[[Any], None]) -> bytes:
    """The CMS after a change that its signature does not cover."""
    info = asn1_cms.ContentInfo.load(stated(card))
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
    ("cms_malformed", lambda card: stated(card) + b"\x00"),
    ("cms_malformed", lambda card: stated(card)[:-1]),
    ("cms_malformed", lambda card: b"\x30\x80" + stated(card)[4:] + b"\x00\x00"),
    ("cms_malformed", lambda card: edited(card, _two_signers)),
    ("cms_malformed", lambda card: edited(card, _unsigned)),
    ("cms_malformed", lambda card: edited(card, _crls)),
    ("cms_malformed", lambda card: edited(card, _version_1)),
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
    ("signature_invalid", lambda card: edited(card, lambda data: zero_signature(data))),
    ("key_refused", lambda card: _small_key()),
    ("not_canonical", lambda card: _content(card, lambda c: c.replace(b'{"action"', b'{ "action"'))),
    ("not_canonical", lambda card: _content(card, lambda c: c + b"\n")),
    ("statement_malformed", lambda card: _content(card, lambda c: b'{"v":1,' + c[1:])),  # v twice
    ("statement_malformed", lambda card: _content(card, lambda c: c + b"\xff")),
    ("statement_malformed", lambda card: stated(card, v=2)),
    ("statement_malformed", lambda card: stated(card, v=True)),
    ("statement_malformed", lambda card: stated(card, nonce="short")),
    ("statement_malformed", lambda card: stated(card, issuedAt="2026-11-24")),
    ("statement_malformed", lambda card: stated(card, issuedAt="2026-13-24T00:00:00Z")),
    ("statement_malformed", lambda card: stated(card, payload=nested(9))),
    ("statement_malformed", lambda card: stated(card, payload=[])),
    ("statement_malformed", lambda card: stated(card, cert={"sha256": "AB"})),
    ("statement_keys", lambda card: stated(card, extra=1)),
    ("statement_keys", lambda card: pki.sign(b"[]", card)),
    ("statement_type", lambda card: stated(card, type="login")),
    ("action_mismatch", lambda card: stated(card, action="利用者登録（変更）")),
    ("origin_mismatch", lambda card: stated(card, origin="https://localhost:22443.evil.example")),
    ("audience_mismatch", lambda card: stated(card, aud="https://localhost:22444")),
    ("payload_mismatch", lambda card: stated(card, payload={})),
    ("certificate_mismatch", lambda card: stated(card, cert={"sha256": "0" * 64})),
]


def _many_certificates(card: pki.Card) -> bytes:
    others = [pki.Authority().issue(serial, key=card.key).der for serial in range(400, 404)]
    return pki.sign(pki.statement(card, REQUEST), card, certificates=[card.der, *others])


def _unknown_attribute() -> asn1_cms.CMSAttribute:
    return asn1_cms.CMSAttribute({"type": "1.2.3.4", "values": [core.Null()]})


def _second_time() -> asn1_cms.CMSAttribute:
    time = asn1_cms.Time("utc_time", core.UTCTime(pki.NOW + timedelta(seconds=1)))
    return asn1_cms.CMSAttribute({"type": "signing_time", "values": [time]})


def zero_signature(data: Any) -> None:
    data["signer_infos"][0]["signature"] = bytes(256)


def _small_key() -> bytes:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - below the floor on purpose
    card = pki.Authority().issue(500, key=small)
    return pki.sign(pki.statement(card, REQUEST), card)


def nested(depth: int) -> Any:
    return {} if depth == 1 else {"a": nested(depth - 1)}


def null_parameters(data: Any) -> None:
    data["digest_algorithms"] = [{"algorithm": "sha256"}]
    data["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha256"}
