"""PDF and XML read apart: what the process is given, may answer, and may not do; and what a hostile file costs."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from portal import texts
from portal.refusals import Refused
from portal.verification import pdf, xml
from portal.verification.apart import confinement, frames
from portal.verification.apart.frames import Order
from portal.verification.apart.process import Reader
from portal.verification.opening import Content, Kind, Opened, Read, Within, kind_of
from tests.unit import pdf_world, signed_files
from tests.unit import portal_pki as pki
from tests.unit.test_portal_pdf import stamper

NOW = pki.NOW


@pytest.fixture(scope="module")
def card() -> pki.Card:
    return pki.Authority().issue()


def scripted(code: str, deadline: float = 3.0) -> Reader:
    return Reader((sys.executable, "-I", "-c", code), deadline)


async def refused(reader: Reader, kind: Kind = Kind.XML, file: bytes = b"<a/>") -> str:
    with pytest.raises(Refused) as caught:
        await reader.read(kind, file, None, NOW)
    return caught.value.code


def read(kind: Kind, file: bytes, beside: bytes | None = None) -> tuple[Read, ...]:
    return asyncio.run(Reader(deadline=120.0).read(kind, file, beside, NOW))


def test_it_says_what_is_found_in_this_process(tmp_path: Path, card: pki.Card) -> None:
    once = pdf_world.signed(tmp_path, pdf_world.document(), stamper=stamper(ExtendedKeyUsageOID.TIME_STAMPING))
    for file in (once, pdf_world.signed(tmp_path, once, "p256")):
        assert read(Kind.PDF, file) == pdf.open_stream(io.BytesIO(file), NOW)
    inside, beside = signed_files.xml(tmp_path, card), signed_files.xml_beside(tmp_path, card, b"content")
    (found,) = read(Kind.XML, inside)
    assert found.open() == xml.open_stream(io.BytesIO(inside), None)._replace(content=Within())
    (found,) = read(Kind.XML, beside, b"content")
    assert found.open() == xml.open_stream(io.BytesIO(beside), b"content")
    assert found.open().content == Content(b"content", "application/pdf", detached=True)


def test_its_refusals_are_the_readers(tmp_path: Path, card: pki.Card) -> None:
    for kind, file, code in (
        (Kind.XML, b"<a>", "xml_malformed"),
        (Kind.XML, b"<!DOCTYPE a><a/>", "xml_malformed"),
        (Kind.XML, b"<a/>", "xml_unsigned"),
        (Kind.XML, signed_files.xml_beside(tmp_path, card, b"content"), "document_missing"),
        (Kind.PDF, b"%PDF-1.7\n%%EOF", "pdf_malformed"),
        (Kind.PDF, pdf_world.document(), "pdf_unsigned"),
    ):
        assert asyncio.run(refused(Reader(deadline=120.0), kind, file)) == code
    made = pdf_world.signed(tmp_path, pdf_world.document(stream_xrefs=False))
    (found,) = read(Kind.PDF, made.replace(b"(bid)", b"(bet)"))
    with pytest.raises(Refused, match="digest_mismatch"):
        found.open()


ANSWERS = {
    "nothing": "",
    "no JSON": "print('hello')",
    "too much": f"print('[' * {frames.MAX_ANSWER + 2})",
    "deep": "print('[' * 100000)",
    "no answer of ours": "print('{}')",
    "no signature": "print('{\"signatures\":[]}')",
    "a refusal of another's": 'print(\'{"refused":["login_required",""]}\')',
    "a crash": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
}


@pytest.mark.parametrize("code", ANSWERS.values(), ids=ANSWERS)
async def test_whatever_it_does_ends_in_a_refusal(code: str) -> None:
    assert await refused(scripted(code, 60.0)) == "xml_malformed"
    assert await refused(scripted(code, 60.0), Kind.PDF) == "pdf_malformed"


async def test_one_that_does_not_end_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await scripted("import time; time.sleep(600)", 1.0).read(Kind.XML, b"x" * (8 << 20), None, NOW)
    assert time.monotonic() - began < 60


def _wire(**changes: Any) -> bytes:
    octets = base64.b64encode(b"x").decode()
    signature = {
        "field": "f",
        "signer": octets,
        "certificates": [octets],
        "signedAt": None,
        "type": None,
        "added": False,
        "stamp": ["2026-11-24T00:00:00+00:00", "1", "1.2", [octets]],
        **changes,
    }
    return json.dumps({"signatures": [{key: each for key, each in signature.items() if each != "-"}]}).encode()


WRONG: list[dict[str, Any]] = [
    *({"field": each} for each in (1, "a\nb", "x" * 201, "a\u202eb")),
    *({"signer": each} for each in (1, "?", None)),
    *({"certificates": each} for each in ("x", [1], ["?"])),
    *({"signedAt": each} for each in (1, "now", "2026-11-24T00:00:00")),
    *({"added": each} for each in (1, "true")),
    *({"stamp": each} for each in ([], ["2026-11-24T00:00:00+00:00", "-1", "1.2", ["eA=="]], [1, 2, 3, 4])),
    *({"type": each} for each in (1, "text/plain")),  # of a document that nobody chose
    {"more": 1},
    {"added": "-"},
    {"refused": ["cms_malformed", ""]},
]


def test_an_answer_has_one_form() -> None:
    (read,) = frames.parse(_wire(), None)
    assert read.open().content == Within()
    for changes in WRONG:
        with pytest.raises(ValueError, match=r".+"):
            frames.parse(_wire(**changes), None)


def test_an_order_reads_back_and_nothing_else_does() -> None:
    asked = Order(Kind.XML, NOW, b"file", b"")
    wire = asked.header() + b"file"
    assert frames.order(io.BytesIO(wire)) == asked
    for other in (wire + b"x", wire[:-1], b"{}\n", wire.replace(b"xml", b"cms2"), b"\n"):
        with pytest.raises(ValueError, match=r".+"):
            frames.order(io.BytesIO(other))


def test_every_code_has_a_text() -> None:
    assert all(texts.verdict(code) for code in frames.CODES)


def test_an_answer_reads_back() -> None:
    opened = Opened(b"signer", (b"signer", b"ca"), datetime.fromisoformat("2026-11-24T00:00:00+09:00"), Within(True))
    found = (Read("署名1", opened), Read("署名2", Refused("pdf_changed", "because")))
    first, second = frames.parse(frames.answer(found), None)
    assert first == found[0]
    assert (second.field, str(second.opened)) == ("署名2", "pdf_changed: because")


def test_what_a_file_is_by_its_first_bytes() -> None:
    assert kind_of(b"%PDF-1.7") is Kind.PDF
    for text in ("<a/>", "\n <a/>"):
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            assert kind_of(text.encode(encoding)) is Kind.XML
    assert {kind_of(each) for each in (b"", b"0\x82", b"text", b"-----BEGIN")} == {Kind.CMS}


CONFINED = {
    "network": "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
    "a listener": "import socket; socket.socket().bind(('127.0.0.1', 0))",
    "a program": "import subprocess; subprocess.run(['true'])",
    "a shell": "import os; os.system('true')",
    "a fork": "import os; os.fork()",
    "memory": f"bytearray({confinement.MAX_MEMORY})",
    "a file": "import os; os.write(os.open('x', os.O_CREAT | os.O_WRONLY), b'x')",
}


@pytest.mark.parametrize("code", CONFINED.values(), ids=CONFINED)
def test_what_it_may_not_do(tmp_path: Path, code: str) -> None:
    def run(begin: str) -> int:
        command = [sys.executable, "-I", "-c", f"from portal.verification.apart import confinement; {begin}; {code}"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert (run("pass"), run("confinement.confine()") != 0) == (0, True)


def deflated_bomb() -> bytes:
    """A gigabyte of cross-references in two kilobytes."""
    zeros = zlib.compress(zlib.compress(bytes(1 << 30), 9), 9)
    body = b"1 0 obj\n<</Type/XRef/Size 3/W[1 2 1]/Root 2 0 R/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n"
    return b"%PDF-1.7\n" + body % len(zeros) + zeros + b"\nendstream endobj\nstartxref\n9\n%%EOF"


def _bombs() -> Iterator[tuple[str, Kind, bytes]]:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    yield "entities", Kind.XML, f'<!DOCTYPE a [<!ENTITY e0 "x">{entities}]><a>&e11;</a>'.encode()
    yield "another file", Kind.XML, b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
    yield "depth", Kind.XML, b"<a>" * 1_000_000 + b"</a>" * 1_000_000
    yield "attributes", Kind.XML, b"<a " + b" ".join(b'a%d="1"' % n for n in range(300_000)) + b"/>"
    yield "deflated", Kind.PDF, deflated_bomb()
    yield "arrays in arrays", Kind.PDF, b"%PDF-1.7\n1 0 obj\n" + b"[" * 2_000_000 + b"\nstartxref\n9\n%%EOF"


@pytest.mark.parametrize(("kind", "file"), [pytest.param(*each, id=name) for name, *each in _bombs()])
async def test_a_bomb_costs_one_process_and_its_time(kind: Kind, file: bytes) -> None:
    assert await refused(Reader(deadline=120.0), kind, file) in ("xml_malformed", "xml_unsigned", "pdf_malformed")
