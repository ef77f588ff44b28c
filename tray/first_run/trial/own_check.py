"""Where no practice portal is installed, this program asks for the signature and checks it itself.

It holds the signature to what was asked and to the key of its certificate, and the certificate to its days. Whom to
believe is an agency's to say: neither the path to an authority nor revocation is looked at, and nothing is kept.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from asn1crypto import cms, tsp

from bridge.card import certinfo
from bridge.card.certinfo import CertificateInfo
from bridge.card.signature import canonical
from bridge.card.signature.algorithms import SignatureAlgorithm
from bridge.card.signature.cades import Signature
from bridge.card.signature.proof import require_signature
from bridge.card.signature.statement import CONTENT_TYPE, VERSION
from bridge.errors import BridgeError
from tray.first_run.course import Trial
from tray.first_run.trial.site import Believed, Refusal

_REQUEST: Final[dict[str, Any]] = {
    "type": "example",
    "action": "テスト署名 / Test signature",
    "payload": {"sections": [{"label": "メッセージ / Message", "value": "テスト署名です / This is a test"}]},
}
_TOLD: Final = {
    "ja": "返ってきた署名を、依頼どおりのものと確かめられませんでした（{}）。"
    "カードブリッジを入れ直しても同じときは、管理者に伝えてください。",
    "en": "What came back could not be checked as the signature that was asked for ({}). If that stays so after the "
    "card bridge was installed again, tell the administrator.",
}
_STATES: Final = {
    "expired": "the certificate has expired",
    "notYetValid": "the certificate is not valid yet",
    "unsuitable": "the certificate is for no signatures",
}


class Doubt(Exception):
    """What came back is not what was asked for."""


class OwnSite:
    """The site of an origin that no other program can have while the test lasts (`reserved_origin`)."""

    def __init__(self, origin: str, language: str, clock: Callable[[], datetime]) -> None:
        self.origin, self._language, self._clock = origin, language, clock
        self._asked: dict[str, Any] = {}

    async def request(self) -> dict[str, Any]:
        self._asked = {**_REQUEST, "aud": self.origin, "nonce": secrets.token_urlsafe(32)}
        return self._asked

    async def check(self, statement: str, certificate: str) -> Believed:
        try:
            signer = checked(base64.b64decode(statement, validate=True), self._statement(certificate), self._clock())
        except (Doubt, ValueError) as doubt:
            raise Refusal({"code": "signature_invalid", "title": _TOLD[self._language].format(doubt)}) from doubt
        return Believed(Trial.CHECKED_HERE, signer.subject, signer.expiry)

    def _statement(self, certificate: str) -> dict[str, Any]:
        """As the bridge composes it (docs/protocol.md, What is signed), but for the time."""
        return {"v": VERSION, "origin": self.origin, "cert": {"sha256": certificate}, **self._asked}


@contextlib.contextmanager
def reserved_origin() -> Iterator[str]:
    """A name that is nobody else's: its port is taken, and nothing listens there. Raises OSError."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"https://localhost:{held.getsockname()[1]}"


def checked(envelope: bytes, statement: dict[str, Any], now: datetime) -> CertificateInfo:
    """Who signed exactly this statement, whose `issuedAt` alone is the bridge's. Raises Doubt."""
    opened = _opened(envelope)
    signer = _signer(opened, statement["cert"]["sha256"], now)
    if opened.content_type != CONTENT_TYPE or not _says(opened.content, statement):
        raise Doubt("the signature is over another statement than the one that was asked for")
    if opened.promised != (CONTENT_TYPE, hashlib.sha256(opened.content).digest(), bytes.fromhex(signer.id)):
        raise Doubt("the signed attributes are of other content, or of another certificate")
    try:
        require_signature(signer.der, opened.attributes, opened.signature)
    except BridgeError as error:
        raise Doubt(str(error)) from error
    return signer


class _Opened(NamedTuple):
    content_type: str
    content: bytes
    attributes: bytes
    """What the card signed: SET OF Attribute, DER (RFC 5652 §5.4)."""
    promised: tuple[str, bytes, bytes]
    """By the attributes: content type, SHA-256 of the content, SHA-256 of the certificate."""
    signature: Signature
    certificates: tuple[bytes, ...]


def _opened(envelope: bytes) -> _Opened:
    """Raises Doubt."""
    try:
        return _read(cms.ContentInfo.load(envelope, strict=True)["content"])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        # asn1crypto parses lazily and raises any of these for bytes that are not what they claim.
        raise Doubt(f"what came back is no signed statement ({type(error).__name__})") from error


def _read(data: cms.SignedData) -> _Opened:
    inside, (signer,) = data["encap_content_info"], data["signer_infos"]
    values = {each["type"].dotted: each["values"][0] for each in signer["signed_attrs"]}
    certificate = tsp.SigningCertificateV2.load(values["1.2.840.113549.1.9.16.2.47"].dump())["certs"][0]
    return _Opened(
        inside["content_type"].dotted,
        bytes(inside["content"]),
        b"\x31" + signer["signed_attrs"].dump()[1:],  # carried as [0] IMPLICIT
        (values["1.2.840.113549.1.9.3"].dotted, values["1.2.840.113549.1.9.4"].native, certificate["cert_hash"].native),
        Signature(signer["signature"].native, SignatureAlgorithm(signer["signature_algorithm"].dump())),
        tuple(each.chosen.dump() for each in data["certificates"]),
    )


def _signer(opened: _Opened, sha256: str, now: datetime) -> CertificateInfo:
    found = [each for each in opened.certificates if hashlib.sha256(each).hexdigest() == sha256]
    if not found:
        raise Doubt("the signature is by another certificate than the one that was chosen")
    signer = certinfo.describe(found[0], now)
    if signer.state != "valid":
        raise Doubt(_STATES[signer.state])
    return signer


def _says(content: bytes, statement: dict[str, Any]) -> bool:
    try:
        said = json.loads(content)
        return canonical.encode(said) == content and {**statement, "issuedAt": said["issuedAt"]} == said
    except (ValueError, KeyError, TypeError):
        return False
