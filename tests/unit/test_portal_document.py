"""Documents signed elsewhere: what openssl makes is read, each deviation refused alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from portal.refusals import Refused
from portal.signatures import statement
from portal.verification import opening
from portal.verification.opening import Content, Opened
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import DOCUMENT, attached, openssl_sign

LIMIT = 1024 * 1024
AUTHORITY = pki.Authority()
CARD = AUTHORITY.issue()
CURVE = AUTHORITY.issue(140, key=pki.ec_key("document"))
NAMED = AUTHORITY.issue(141, extra=[x509.SubjectKeyIdentifier.from_public_key(pki.rsa_key("card 141").public_key())])


def opened(file: bytes, beside: bytes | None = None) -> Opened:
    return opening.open_file(file, beside, LIMIT)


def code(file: bytes, beside: bytes | None = None) -> str:
    with pytest.raises(Refused) as caught:
        opened(file, beside)
    return caught.value.code


def _pss(salt: int) -> tuple[str, ...]:
    return ("-keyopt", "rsa_padding_mode:pss", "-keyopt", f"rsa_pss_saltlen:{salt}")


@pytest.mark.parametrize(
    ("card", "options"),
    [
        (CARD, ()),
        (CARD, ("-md", "sha384")),
        (CARD, ("-md", "sha512")),
        (CARD, _pss(32)),
        (CARD, (*_pss(48), "-md", "sha384")),
        (CARD, (*_pss(64), "-md", "sha512")),
        (CARD, ("-nosmimecap",)),
        (CARD, ("-econtent_type", "1.2.392.200115")),
        (NAMED, ("-keyid",)),
        (CURVE, ()),
        (CURVE, ("-md", "sha384")),
        (CURVE, ("-md", "sha512")),
        (AUTHORITY.issue(142, key=pki.ec_key("document", "secp384r1")), ("-md", "sha384")),
    ],
    ids=lambda value: "card" if isinstance(value, pki.Card) else " ".join(value),
)
def test_what_openssl_signs_is_read_attached_and_detached(card: pki.Card, options: tuple[str, ...]) -> None:
    inside = opened(attached(DOCUMENT, card, *options))
    kind = "1.2.392.200115" if "-econtent_type" in options else "1.2.840.113549.1.7.1"
    assert inside.content == Content(DOCUMENT, kind, detached=False)
    assert inside.signer == card.der
    beside = opened(openssl_sign(DOCUMENT, card, options=options), DOCUMENT)
    assert beside.content == Content(DOCUMENT, kind, detached=True)
    assert beside.signed_at is not None
    assert abs(beside.signed_at - datetime.now(UTC)) < timedelta(minutes=10)


def test_an_empty_document_is_a_document() -> None:
    assert opened(openssl_sign(b"", CARD), b"").content == Content(b"", "1.2.840.113549.1.7.1", detached=True)
    assert opened(attached(b"", CARD)).content == Content(b"", "1.2.840.113549.1.7.1", detached=False)


def test_the_document_beside_the_file() -> None:
    detached, inside = openssl_sign(DOCUMENT, CARD), attached(DOCUMENT, CARD)
    assert code(detached) == "document_missing"
    assert code(detached, DOCUMENT + b"!") == "digest_mismatch"
    assert code(inside, DOCUMENT + b"!") == "document_differs"
    assert opened(inside, DOCUMENT).signer == CARD.der
    receipt = pki.sign(pki.statement(CARD, _request()), CARD)
    assert code(receipt, DOCUMENT) == "document_differs"


def test_megabytes_up_to_the_limit() -> None:
    big = bytes(LIMIT - 4096)
    assert isinstance(opened(attached(big, CARD)).content, Content)
    assert code(attached(bytes(LIMIT), CARD)) == "cms_size"
    assert isinstance(opened(openssl_sign(bytes(LIMIT), CARD), bytes(LIMIT)).content, Content)


def test_a_signing_time_need_not_be_there() -> None:
    """CAdES-BES leaves it to the signer; B-B demands it."""
    assert opened(_signed(lambda attributes: _without(attributes, "signing_time"))).signed_at is None


def _request() -> dict[str, Any]:
    return {"type": "registration", "action": "登録", "aud": pki.AUDIENCE, "nonce": "A" * 43, "payload": {}}


def _without(attributes: list[Any], name: str) -> list[Any]:
    return [each for each in attributes if each["type"].native != name]


def _signed(change: Callable[[list[Any]], list[Any]], content_type: str = "1.2.3.4") -> bytes:
    """A document with other signed attributes than the usual four."""
    usual = pki.signed_attributes(DOCUMENT, CARD, content_type)
    return pki.sign(DOCUMENT, CARD, content_type=content_type, attributes=change(usual))


def _edited(file: bytes, edit: Callable[[Any], None]) -> bytes:
    """The file after a change that its signature does not cover."""
    info = asn1_cms.ContentInfo.load(file)
    edit(info["content"])
    return bytes(info.dump(force=True))


def _reference(**fields: Any) -> Callable[[list[Any]], list[Any]]:
    """signing-certificate-v2 with these fields beside the right hash."""
    identifier = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(CARD.der).digest(), **fields})
    value = tsp.SigningCertificateV2({"certs": [identifier]})
    attribute = asn1_cms.CMSAttribute({"type": "signing_certificate_v2", "values": [value]})
    return lambda attributes: [*_without(attributes, "signing_certificate_v2"), attribute]


def _issuer_serial(serial: int) -> dict[str, Any]:
    issuer = asn1_x509.Certificate.load(CARD.der).issuer
    names = [asn1_x509.GeneralName("directory_name", issuer)]
    return {"issuer_serial": {"issuer": names, "serial_number": serial}}


def test_a_reference_with_issuer_and_serial_has_to_be_the_signers() -> None:
    assert opened(_signed(_reference(**_issuer_serial(121)))).signer == CARD.der
    assert code(_signed(_reference(**_issuer_serial(122)))) == "signing_certificate_mismatch"


def test_a_reference_that_names_its_digest() -> None:
    named = {"hash_algorithm": {"algorithm": "sha384"}, "cert_hash": hashlib.sha384(CARD.der).digest()}
    assert opened(_signed(_reference(**named))).signer == CARD.der
    assert code(_signed(_reference(**named, **_issuer_serial(7)))) == "signing_certificate_mismatch"
    assert code(_signed(_reference(cert_hash=bytes(32)))) == "signing_certificate_mismatch"


def _timestamped(data: Any) -> None:
    data["signer_infos"][0]["unsigned_attrs"] = [{"type": "1.2.3.4", "values": [core.Null()]}]


def _with_crl(data: Any) -> None:
    data["crls"] = [asn1_cms.RevocationInfoChoice.load(AUTHORITY.crl())]


def _zero(data: Any) -> None:
    data["signer_infos"][0]["signature"] = bytes(256)


def _unattributed(data: Any) -> None:
    del data["signer_infos"][0]["signed_attrs"]


def _version(number: str) -> Callable[[Any], None]:
    def edit(data: Any) -> None:
        data["version"] = number

    return edit


def _digest_of_another_kind(data: Any) -> None:
    data["digest_algorithms"] = [{"algorithm": "sha512"}]


def _repeated(attributes: list[Any]) -> list[Any]:
    time = asn1_cms.Time("utc_time", core.UTCTime(pki.NOW + timedelta(seconds=1)))
    return [*attributes, asn1_cms.CMSAttribute({"type": "signing_time", "values": [time]})]


def _other_type(attributes: list[Any]) -> list[Any]:
    kind = asn1_cms.CMSAttribute({"type": "content_type", "values": [asn1_cms.ContentType("1.2.3.5")]})
    return [*_without(attributes, "content_type"), kind]


REFUSALS: list[tuple[str, Callable[[], bytes]]] = [
    ("cms_malformed", lambda: b""),
    ("cms_malformed", lambda: b"-----BEGIN CMS-----\n"),
    ("cms_malformed", lambda: attached(DOCUMENT, CARD) + b"\n"),
    ("cms_malformed", lambda: attached(DOCUMENT, CARD, "-stream")),  # BER: indefinite lengths
    ("cms_malformed", lambda: _edited(attached(DOCUMENT, CARD), _version("v3"))),
    ("cms_malformed", lambda: _edited(attached(DOCUMENT, NAMED, "-keyid"), _version("v1"))),
    ("cms_malformed", lambda: _edited(attached(DOCUMENT, CARD), _digest_of_another_kind)),
    ("several_signers", lambda: openssl_sign(DOCUMENT, CARD, CURVE, options=("-nodetach",))),
    ("unsigned_parts", lambda: _edited(attached(DOCUMENT, CARD), _timestamped)),
    ("unsigned_parts", lambda: _edited(attached(DOCUMENT, CARD), _with_crl)),
    ("signer_missing", lambda: attached(DOCUMENT, CARD, "-nocerts")),
    ("signer_missing", lambda: pki.sign(DOCUMENT, CARD, content_type="1.2.3.4", certificates=[CURVE.der])),
    ("algorithm_refused", lambda: attached(DOCUMENT, CARD, "-md", "sha1")),
    ("algorithm_refused", lambda: attached(DOCUMENT, CARD, *_pss(20))),
    ("algorithm_refused", lambda: attached(DOCUMENT, CARD, *_pss(32), "-md", "sha384")),
    ("algorithm_refused", lambda: attached(DOCUMENT, CARD, *_pss(48))),
    ("attribute_missing", lambda: openssl_sign(DOCUMENT, CARD, options=("-nodetach",), cades=False)),
    ("attribute_missing", lambda: _edited(attached(DOCUMENT, CARD), _unattributed)),
    ("attribute_missing", lambda: _signed(lambda attributes: _without(attributes, "message_digest"))),
    ("attribute_repeated", lambda: _signed(_repeated)),
    ("content_type", lambda: _signed(_other_type)),
    ("digest_mismatch", lambda: attached(DOCUMENT, CARD).replace(DOCUMENT, DOCUMENT[::-1])),
    ("signature_invalid", lambda: _edited(attached(DOCUMENT, CARD), _zero)),
]


@pytest.mark.parametrize(
    ("expected", "build"), REFUSALS, ids=[f"{number}-{expected}" for number, (expected, _) in enumerate(REFUSALS)]
)
def test_refused_alone(expected: str, build: Callable[[], bytes]) -> None:
    assert code(build()) == expected


def test_a_document_cannot_pass_for_a_statement() -> None:
    """The statement's content type opens as the one strict shape only, whatever a document may look like."""
    content = pki.statement(CARD, _request())
    assert opened(pki.sign(content, CARD)).content == statement.read(content)
    by_openssl = attached(content, CARD, "-econtent_type", pki.CONTENT_TYPE)
    assert code(by_openssl) in {"attribute_unknown", "algorithm_refused"}
    assert code(pki.sign(DOCUMENT, CARD)) == "statement_malformed"
    other = pki.sign(pki.statement(CARD, _request(), cert={"sha256": "0" * 64}), CARD)
    assert code(other) == "certificate_mismatch"
