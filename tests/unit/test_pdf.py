"""PAdES signatures in PDF documents, judged by pyHanko's validator and by poppler's pdfsig."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.status import SignatureCoverageLevel

from bridge.card.signature.algorithms import Hash
from bridge.formats import pdf
from bridge.formats.order import Command, Order, Refusal
from bridge.formats.visible import Visible
from tests.unit import pdf_world

VALID = ["Total document signed", "Signature Validation: Signature is Valid."]
LATER = ["Not total document signed", "Signature Validation: Signature is Valid."]
PLACE = Visible(1, (300, 300, 480, 360), "北東 太郎")


@pytest.mark.parametrize("kind", ["rsa", "pss", "p256", "p384"])
@pytest.mark.parametrize("used", Hash)
def test_every_key_and_hash(kind: str, used: Hash, tmp_path: Path) -> None:
    content = pdf_world.document()
    made = pdf_world.signed(tmp_path, content, kind, used)
    assert made.startswith(content)
    (status,) = pdf_world.statuses(made)
    assert (status.bottom_line, status.coverage) == (True, SignatureCoverageLevel.ENTIRE_FILE)
    assert (status.md_algorithm, status.pkcs7_signature_mechanism is not None) == (used.library_name, True)
    assert pdf_world.pdfsig(tmp_path, made) == VALID


def test_it_is_a_pades_baseline_signature(tmp_path: Path) -> None:
    """ETSI EN 319 142-1 §6.3: subfilter, time in the dictionary and not in the CMS, ESS certificate, id-data."""
    (made,) = PdfFileReader(BytesIO(pdf_world.signed(tmp_path, pdf_world.document()))).embedded_regular_signatures
    assert made.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert re.fullmatch(r"D:\d{14}\+09'00'?", made.sig_object["/M"])
    assert not {"/Reason", "/Cert", "/Name"} & set(made.sig_object)
    kinds = {each["type"].native for each in made.signer_info["signed_attrs"]}
    assert kinds == {"content_type", "message_digest", "signing_certificate_v2"}
    assert made.signed_data["encap_content_info"]["content_type"].native == "data"


def test_what_is_changed_is_found_by_both(tmp_path: Path) -> None:
    made = pdf_world.signed(tmp_path, pdf_world.document(stream_xrefs=False))
    other = made.replace(b"(bid)", b"(bet)")
    assert other != made
    (status,) = pdf_world.statuses(other)
    assert (status.intact, status.bottom_line) == (False, False)
    assert pdf_world.pdfsig(tmp_path, other) == [VALID[0], "Signature Validation: Digest Mismatch."]


def test_what_is_changed_by_a_later_update_is_found(tmp_path: Path) -> None:
    later = pdf_world.extended(pdf_world.signed(tmp_path, pdf_world.document()))
    (status,) = pdf_world.statuses(later)
    assert (status.modification_level, status.bottom_line) == (ModificationLevel.OTHER, False)
    assert pdf_world.pdfsig(tmp_path, later) == LATER


@pytest.mark.parametrize("visible", [None, PLACE])
def test_earlier_signatures_stay_valid(visible: Visible | None, tmp_path: Path) -> None:
    once = pdf_world.signed(tmp_path, pdf_world.document())
    twice = pdf_world.signed(tmp_path, once, "p256", visible=visible)
    thrice = pdf_world.signed(tmp_path, twice, "pss")
    assert thrice.startswith(twice)
    assert twice.startswith(once)
    assert [status.bottom_line for status in pdf_world.statuses(thrice)] == [True] * 3
    assert pdf_world.pdfsig(tmp_path, thrice) == [*LATER, *LATER, *VALID]


@pytest.mark.parametrize("level", [1, 2, 3])
def test_what_an_earlier_signature_allows(level: int, tmp_path: Path) -> None:
    certified = pdf_world.certified(pdf_world.document(), level)
    if level == 1:
        assert refusal(tmp_path, certified) == "document_refused"
        return
    made = pdf_world.signed(tmp_path, certified)
    assert [status.bottom_line for status in pdf_world.statuses(made)] == [True, True]
    assert refusal(tmp_path, certified, PLACE) == "document_refused"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["", "owner", "256", "--modify=form"], ""),
        (["", "owner", "128", "--use-aes=y", "--modify=form"], ""),
        (["", "owner", "256", "--modify=none"], "document_refused"),
        (["user", "owner", "256"], "document_refused"),
    ],
)
def test_encrypted_documents(options: list[str], code: str, tmp_path: Path) -> None:
    encrypted = qpdf(tmp_path, pdf_world.document(), "--encrypt", *options, "--")
    if code:
        assert refusal(tmp_path, encrypted) == code
        return
    made = pdf_world.signed(tmp_path, encrypted, visible=PLACE)
    assert [status.bottom_line for status in pdf_world.statuses(made)] == [True]
    assert pdf_world.pdfsig(tmp_path, made) == VALID


@pytest.mark.parametrize(
    "options",
    [
        ["--linearize"],
        ["--object-streams=generate"],
        ["--object-streams=disable", "--force-version=1.3"],
        ["--force-version=2.0", "--static-id"],
    ],
)
def test_documents_of_many_forms(options: list[str], tmp_path: Path) -> None:
    made = pdf_world.signed(tmp_path, qpdf(tmp_path, pdf_world.document(), *options), visible=PLACE)
    assert [status.bottom_line for status in pdf_world.statuses(made)] == [True]
    assert pdf_world.pdfsig(tmp_path, made) == VALID


def test_no_byte_after_the_end_is_needed(tmp_path: Path) -> None:
    made = pdf_world.signed(tmp_path, pdf_world.document().rstrip())
    assert pdf_world.pdfsig(tmp_path, made) == VALID


GOOD = pdf_world.document(stream_xrefs=False)


@pytest.mark.parametrize(
    "content",
    [
        pdf_world.hybrid(),
        pdf_world.hybrid(generation=1),
        b"",
        b"%PDF-1.7",
        b"\x89PNG\r\n",
        GOOD[: len(GOOD) // 2],
        GOOD[100:],
        GOOD.replace(b"startxref\n", b"startxref\n9"),
        GOOD.replace(b"/Root", b"/Toor"),
        GOOD.replace(b"/Kids", b"/Sdik"),
        GOOD + b"\0" * 100_000,
    ],
    ids=[
        "hybrid",
        "hybrid-of-a-later-generation",
        "empty",
        "header",
        "png",
        "half",
        "headless",
        "xref",
        "root",
        "pages",
        "zeros",
    ],
)
def test_what_is_no_sound_pdf(content: bytes, tmp_path: Path) -> None:
    assert refusal(tmp_path, content) == "document_malformed"


@pytest.mark.parametrize(
    ("visible", "code"),
    [
        (PLACE._replace(page=2), "bad_request"),
        (PLACE._replace(box=(500, 10, 596, 40)), "bad_request"),
        (PLACE._replace(box=(10, 800, 100, 843)), "bad_request"),
    ],
)
def test_a_place_that_is_on_no_page(visible: Visible, code: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, pdf_world.document(), visible) == code


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_visible_signature_is_read_upright_where_it_was_put(rotate: int, tmp_path: Path) -> None:
    made = pdf_world.signed(tmp_path, pdf_world.document(rotate=rotate), visible=PLACE)
    (tmp_path / "seen.pdf").write_bytes(made)
    left, bottom, right, top = PLACE.box
    height = 595 if rotate % 180 else 842
    place = ("-x", left, "-y", height - top, "-W", right - left, "-H", top - bottom)
    command = ["pdftotext", "-r", "72", *map(str, place), "-layout", "seen.pdf", "-"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout.decode().split("\n")
    assert [line.strip() for line in said if line.strip("\f ")][:2] == ["電子署名", "北東 太郎"]
    assert re.search(r"^\s*\d{4}-\d\d-\d\d \d\d:\d\d \+09:00", "\n".join(said), re.MULTILINE)


def test_a_visible_signature_is_drawn_and_stays_small(tmp_path: Path) -> None:
    """No font is embedded; poppler draws ink where the box is and leaves the rest of the page as it was."""
    content = pdf_world.document()
    plain, seen = pdf_world.signed(tmp_path, content), pdf_world.signed(tmp_path, content, visible=PLACE)
    assert len(seen) - len(plain) < 3000
    left, bottom, right, top = PLACE.box
    for octets, few, many in ((plain, 0, 0), (seen, 500, 5000)):
        dark = pdf_world.drawn(tmp_path, octets, (left, 842 - top, right, 842 - bottom))
        assert few <= dark <= many


def test_a_form_with_a_field_of_the_same_name(tmp_path: Path) -> None:
    """Signature1 may be anybody's text field."""
    once = pdf_world.signed(tmp_path, pdf_world.document())
    renamed = IncrementalPdfFileWriter(BytesIO(once))
    names = [field.get_object()["/T"] for field in renamed.root["/AcroForm"]["/Fields"]]
    twice = PdfFileReader(BytesIO(pdf_world.signed(tmp_path, once)))
    assert [names, [field.get_object()["/T"] for field in twice.root["/AcroForm"]["/Fields"]]] == [
        ["Signature1"],
        ["Signature1", "Signature2"],
    ]


def test_a_cms_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    order = prepared(tmp_path, pdf_world.document(), None)
    with pytest.raises(Refusal) as refused:
        pdf.finish(order._replace(command=Command.FINISH, facts=pdf.prepare(order), signature=b"\x30" * 24_577))
    assert refused.value.code == "too_large"


def prepared(folder: Path, content: bytes, visible: Visible | None) -> Order:
    (folder / "asked").write_bytes(content)
    facts = {} if visible is None else visible.facts()
    return Order(Command.PREPARE, "pades", "SHA-256", folder / "asked", folder / "room", folder / "made", facts)


def refusal(folder: Path, content: bytes, visible: Visible | None = None) -> str:
    with pytest.raises(Refusal) as refused:
        pdf.prepare(prepared(folder, content, visible))
    (folder / "room").unlink(missing_ok=True)
    return refused.value.code


def qpdf(folder: Path, content: bytes, *options: str) -> bytes:
    (folder / "in.pdf").write_bytes(content)
    subprocess.run(["qpdf", *options, "in.pdf", "out.pdf"], cwd=folder, check=True)
    return (folder / "out.pdf").read_bytes()
