"""The measure of a document, and what must not be signed as it is."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import algos
from hypothesis import given
from hypothesis import strategies as st

from bridge.card.signature import cades, statement
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm, hash_identifier
from bridge.card.signature.document import MAX_ATTACHED, PIECE, Document, is_like_attributes, measure
from bridge.errors import BadRequest, FormatRefused
from bridge.requested import Format

NOW = datetime(2026, 11, 30, tzinfo=UTC)
NAMES = {Hash.SHA256: "sha256", Hash.SHA384: "sha384", Hash.SHA512: "sha512"}


def attributes(content_type: str) -> bytes:
    return cades.attributes_over(bytes(32), content_type, b"certificate", NOW)


def raw(content: bytes) -> Document:
    return Document("a", Format.RAW, Hash.SHA256, content=content)


@pytest.mark.parametrize("used", Hash)
def test_algorithm_identifiers_are_those_of_a_general_encoder(used: Hash) -> None:
    name = NAMES[used]
    digest = algos.DigestAlgorithm.load(hash_identifier(used), strict=True)
    assert (digest["algorithm"].native, digest["parameters"].native) == (name, None)
    rsa, ecdsa = (f"{name}_rsa", f"{name}_ecdsa")
    given_rsa = algos.SignedDigestAlgorithm({"algorithm": rsa})
    assert SignatureAlgorithm.RSA_PKCS1.identifier(used) == given_rsa.dump()
    assert SignatureAlgorithm.ECDSA.identifier(used) == algos.SignedDigestAlgorithm({"algorithm": ecdsa}).dump()
    read = algos.SignedDigestAlgorithm.load(SignatureAlgorithm.RSA_PSS.identifier(used), strict=True)
    parameters = read["parameters"].native
    assert parameters["hash_algorithm"]["algorithm"] == name
    assert parameters["mask_gen_algorithm"]["parameters"]["algorithm"] == name
    assert parameters["salt_length"] == used.octets


@pytest.mark.parametrize("used", Hash)
@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE + 17])
def test_a_file_is_measured_like_its_bytes(tmp_path: Path, used: Hash, size: int) -> None:
    content, path = os.urandom(size), tmp_path / "document"
    path.write_bytes(content)
    found = measure(Document("a", Format.CADES_DETACHED, used, path=str(path)))
    assert found.size == size
    assert found.sha256 == hashlib.sha256(content).digest()
    assert found.digest == hashlib.new(NAMES[used], content).digest()
    assert found.attached is None


def test_what_is_attached_is_kept_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_bytes(b"x" * MAX_ATTACHED)
    whole = Document("a", Format.CADES_ATTACHED, Hash.SHA256, path=str(path))
    assert measure(whole).attached == path.read_bytes()
    path.write_bytes(b"x" * (MAX_ATTACHED + 1))
    found = measure(whole)
    assert (found.attached, found.size) == (None, MAX_ATTACHED + 1)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).digest()
    assert measure(Document("a", Format.CADES_ATTACHED, Hash.SHA256, content=b"frame"), room=0).attached == b"frame"


def test_neither_a_link_nor_a_folder_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    for name in ("link", ".", "none"):
        with pytest.raises(BadRequest):
            measure(Document("a", Format.CADES_DETACHED, Hash.SHA256, path=str(tmp_path / name)))


@pytest.mark.parametrize("content_type", [statement.CONTENT_TYPE, cades.ID_DATA])
def test_attributes_are_never_signed_as_they_are(content_type: str) -> None:
    with pytest.raises(FormatRefused):
        measure(raw(attributes(content_type)))


def test_no_other_form_of_length_gets_them_through() -> None:
    """A reader that takes BER would take these for the same attributes."""
    inner = attributes(statement.CONTENT_TYPE)[2:]
    inner = inner[1:] if len(inner) > 0x80 else inner
    for head in (b"\x31\x82" + len(inner).to_bytes(2, "big"), b"\x31\x84" + len(inner).to_bytes(4, "big")):
        assert is_like_attributes((head + inner)[:16], len(head + inner))
    endless = b"\x31\x80" + inner + b"\0\0"
    assert is_like_attributes(endless[:16], len(endless))
    padded = b"\x31\x8e" + len(inner).to_bytes(14, "big") + inner
    assert is_like_attributes(padded[:16], len(padded))


@given(st.binary(max_size=64))
def test_anything_else_is_measured(content: bytes) -> None:
    if content[:1] != b"1":
        assert measure(raw(content)).digest == hashlib.sha256(content).digest()


def test_a_text_that_begins_with_a_one_is_a_document() -> None:
    for content in (b"1", b"12", b"1" * 51, b"1200000000000000000000000000000000000000000000000000", b"1.0\r\n"):
        assert measure(raw(content)).size == len(content)


@pytest.mark.parametrize(
    "wire",
    [
        {"format": "cades-detached", "hash": "SHA-256"},
        {"format": "cades-detached", "hash": "SHA-256", "digest": "00" * 32},
        {"format": "cades-detached", "hash": "SHA-1", "content": ""},
        {"format": "pades", "hash": "SHA-256", "content": ""},
        {"format": "raw", "hash": "SHA-256", "digest": "zz"},
    ],
)
def test_another_form_is_refused(wire: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        measure(Document.parse({"name": "a", **wire}))


def test_a_digest_of_another_length_is_refused() -> None:
    with pytest.raises(BadRequest):
        measure(Document.parse({"name": "a", "format": "raw", "hash": "SHA-512", "digest": "00" * 32}))
