"""The byte range of a prepared PDF, as the card host hashes it: the person's document first, the gap empty."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.card.document_formats import ready
from bridge.card.signature.algorithms import Hash
from bridge.card.signature.document import PIECE, Document, measure
from bridge.card.signature.pdf import ByteRange
from bridge.errors import BadRequest, DocumentMalformed
from bridge.requested import Format

ORIGINAL = b"%PDF-1.7 the person's\n"
BEFORE, GAP, AFTER = b"1 0 obj <</Contents ", b"<" + b"0" * 40 + b">", b">> %%EOF"


def prepared(original: bytes = ORIGINAL, gap: bytes = GAP, before: bytes = BEFORE) -> bytes:
    return original + before + gap + AFTER


def ranged(file: bytes, gap: bytes = GAP) -> list[int]:
    rest = len(file) - len(AFTER)
    return [0, rest - len(gap), rest, len(AFTER)]


def digest(folder: Path, file: bytes, range_: list[int], used: Hash = Hash.SHA256, original: bytes = ORIGINAL) -> bytes:
    (folder / "document").write_bytes(original)
    (folder / "prepared").write_bytes(file)
    wire: dict[str, Any] = {"path": str(folder / "prepared"), "range": range_}
    document = Document("a.pdf", Format.PADES, used, path=str(folder / "document"), prepared=wire)
    return ready(measure(document)).digest


@pytest.mark.parametrize("used", Hash)
def test_the_range_is_hashed_without_the_gap(tmp_path: Path, used: Hash) -> None:
    file = prepared()
    signed = file.replace(GAP, b"")
    assert digest(tmp_path, file, ranged(file), used) == hashlib.new(used.library_name, signed).digest()


def test_pieces_of_a_long_file_are_put_together(tmp_path: Path) -> None:
    original = b"%PDF" + b"x" * (2 * PIECE)
    file = prepared(original)
    expected = hashlib.sha256(file.replace(GAP, b"")).digest()
    assert digest(tmp_path, file, ranged(file), original=original) == expected


@given(st.integers(1, 40))
def test_the_pieces_do_not_matter(size: int) -> None:
    file = prepared()
    _, gap, rest, after = ranged(file)

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(file), size):
            yield file[at : at + size]

    found = ByteRange("", gap, rest, rest + after)
    made = found.digest(pieces(), len(ORIGINAL), hashlib.sha256(ORIGINAL).digest(), Hash.SHA256)
    assert made == hashlib.sha256(file.replace(GAP, b"")).digest()


def test_another_document_is_not_hashed(tmp_path: Path) -> None:
    file = prepared(ORIGINAL.replace(b"the person's", b"another  one"))
    with pytest.raises(DocumentMalformed, match="addition"):
        digest(tmp_path, file, ranged(file))


@pytest.mark.parametrize("gap", [b"<" + b"0" * 39 + b"1>", b"(" + b"0" * 40 + b")", b"0" * 42, b"<" + b"0" * 41])
def test_a_gap_hides_nothing(tmp_path: Path, gap: bytes) -> None:
    file = prepared(gap=gap)
    with pytest.raises(DocumentMalformed, match="empty"):
        digest(tmp_path, file, ranged(file, gap))


def test_the_gap_is_behind_the_document_and_the_range_ends_with_the_file(tmp_path: Path) -> None:
    file = prepared()
    _, gap, rest, after = ranged(file)
    for wrong in ([0, len(ORIGINAL), rest, after], [0, gap, rest, after - 1], [0, gap, rest, after + 1]):
        with pytest.raises(DocumentMalformed):
            digest(tmp_path, file, wrong)
    with pytest.raises(DocumentMalformed, match="behind"):
        digest(tmp_path, file + bytes(5 << 20), [0, gap, rest, after + (5 << 20)])


@pytest.mark.parametrize("range_", [[], [1, 2, 3, 4], [0, 5, 5, 1], [0, 5, 4, 1], [0, 5, 9, 0], [0, "5", 9, 1]])
def test_a_range_of_another_form_is_refused(tmp_path: Path, range_: list[Any]) -> None:
    with pytest.raises(BadRequest):
        digest(tmp_path, prepared(), range_)
