"""What the first run believes of a test signature where no portal checks it: one refusal for each thing it looks at."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bridge.card.signature import cades, canonical, statement
from bridge.card.signature.algorithms import SignatureAlgorithm
from bridge.card.signature.statement import CONTENT_TYPE
from tests.unit import pki
from tray.first_run.course import Trial
from tray.first_run.trial.own_check import Doubt, OwnSite, checked, reserved_origin
from tray.first_run.trial.site import Refusal

NOW = datetime.now(UTC) + timedelta(minutes=1)
"""The practice card is made when it is first asked for."""
ORIGIN = "https://localhost:50000"
ASKED: dict[str, Any] = {"type": "example", "action": "試す", "aud": ORIGIN, "nonce": "n" * 43, "payload": {"a": "b"}}
CARD = pki.card().certificate


def content(**changes: Any) -> bytes:
    return canonical.encode(canonical_statement() | changes)


def canonical_statement() -> dict[str, Any]:
    composed: dict[str, Any] = json.loads(statement.compose(ASKED, ORIGIN, CARD, NOW))
    return composed


EXPECTED = {key: value for key, value in canonical_statement().items() if key != "issuedAt"}


def signed(
    signed_content: bytes | None = None,
    *,
    carried: bytes | None = None,
    content_type: str = CONTENT_TYPE,
    certificate: bytes = CARD,
    flip: bool = False,
) -> bytes:
    """As the card host makes it, but for what is asked for."""
    body = content() if signed_content is None else signed_content
    attributes = cades.signed_attributes(body, content_type, certificate, NOW)
    key = serialization.load_pem_private_key(pki.card().key_pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    value = key.sign(attributes + (b"!" if flip else b""), padding.PKCS1v15(), hashes.SHA256())
    made = cades.Signature(value, SignatureAlgorithm.RSA_PKCS1)
    signer = cades.SignerIdentity(CARD, ())
    return cades.envelope(body if carried is None else carried, content_type, attributes, made, signer)


def test_what_was_asked_for_and_signed_by_the_card_is_believed() -> None:
    assert checked(signed(), EXPECTED, NOW).der == CARD


@pytest.mark.parametrize(
    ("envelope", "words"),
    [
        (lambda: signed(content(nonce="m" * 43)), "another statement"),
        (lambda: signed(content(origin="https://evil.example")), "another statement"),
        (lambda: signed(content(more=True)), "another statement"),
        (lambda: signed(content() + b" "), "another statement"),
        (lambda: signed(b"[]"), "another statement"),
        (lambda: signed(b"\xff"), "another statement"),
        (lambda: signed(content_type=cades.ID_DATA), "another statement"),
        (lambda: signed(content(issuedAt="2026-01-01T00:00:00Z"), carried=content()), "other content"),
        (lambda: signed(certificate=b"another"), "another certificate"),
        (lambda: signed(flip=True), "no signature by its certificate"),
        (lambda: b"", "no signed statement"),
        (lambda: signed() + b"\0", "no signed statement"),
        (lambda: signed()[:-1], "no signed statement"),
        (lambda: b"\x30\x00", "no signed statement"),
    ],
)
def test_each_deviation_is_refused_by_itself(envelope: Callable[[], bytes], words: str) -> None:
    with pytest.raises(Doubt, match=words):
        checked(envelope(), EXPECTED, NOW)


def test_the_certificate_is_the_chosen_one_and_within_its_days() -> None:
    with pytest.raises(Doubt, match="another certificate than the one that was chosen"):
        checked(signed(), EXPECTED | {"cert": {"sha256": "00" * 32}}, NOW)
    with pytest.raises(Doubt, match="has expired"):
        checked(signed(), EXPECTED, NOW + timedelta(days=36500))
    with pytest.raises(Doubt, match="not valid yet"):
        checked(signed(), EXPECTED, NOW - timedelta(days=36500))


async def test_the_site_tells_whose_signature_it_checked_and_how_far() -> None:
    site = OwnSite(ORIGIN, "ja", lambda: NOW)
    asked = await site.request()
    certificate = EXPECTED["cert"]["sha256"]
    body = statement.compose(asked, ORIGIN, CARD, NOW)
    believed = await site.check(base64.b64encode(signed(body)).decode(), certificate)
    assert believed.trial is Trial.CHECKED_HERE
    again = await site.request()
    assert again["nonce"] != asked["nonce"]
    for earlier in (base64.b64encode(signed(body)).decode(), "no base64!"):
        with pytest.raises(Refusal, match="依頼どおり"):
            await site.check(earlier, certificate)


@contextlib.contextmanager
def listening(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield


def test_no_other_program_has_the_origin_while_the_test_lasts() -> None:
    with reserved_origin() as origin:
        port = int(origin.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), listening(port):
            pass
    with listening(port):
        pass
