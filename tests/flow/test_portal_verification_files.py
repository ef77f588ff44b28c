"""検証機能 over HTTP with signed PDF and XML files and time-stamps: what people see, and what hostile files cost."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from portal.verification.apart import process
from tests.flow.portal_site import Page, Visitor, visitor
from tests.flow.test_portal_road import facts
from tests.flow.test_portal_verification import limited, send
from tests.unit import pdf_world, signed_files
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import DOCUMENT, attached
from tests.unit.test_portal_apart import deflated_bomb
from tests.unit.test_portal_pdf import stamper

TIMING = ExtendedKeyUsageOID.TIME_STAMPING


def told(page: Page, label: str) -> list[str]:
    return [value for name, value in facts(page) if name == label]


async def pdf(folder: Path, content: bytes | None = None, kind: str = "rsa", desk: pki.Card | None = None) -> bytes:
    made = content or pdf_world.document(stream_xrefs=False)
    return await asyncio.to_thread(pdf_world.signed, folder, made, kind, stamper=desk)


async def cms(card: pki.Card, desk: pki.Card, stamped_value: bytes | None = None) -> bytes:
    return await asyncio.to_thread(signed_files.stamped_cms, DOCUMENT, card, desk, stamped_value)


async def test_a_pdf_tells_each_of_its_signatures(person: Visitor, tmp_path: Path) -> None:
    once = await pdf(tmp_path)
    page = await send(person, once)
    assert page.status == 200
    assert "有効な署名です" in page.text
    assert "署名された文書を保存" not in page.text
    assert (told(page, "結果"), told(page, "署名欄")) == (["有効"], ["Signature1"])
    assert told(page, "ICカード取得者氏名") == ["北東 次郎"]
    assert told(page, "署名のあと") == []
    page = await send(person, await pdf(tmp_path, once, "p256"))
    assert "有効な署名です" in page.text
    assert ("PDFの署名（1）" in page.html, "PDFの署名（2）" in page.html) == (True, True)
    assert told(page, "署名のあと") == ["この署名が認めている追加（別の署名や記入欄への記入）があります"]


async def test_a_changed_pdf_says_so_and_shows_nothing_of_the_signer(person: Visitor, tmp_path: Path) -> None:
    made = await pdf(tmp_path)
    for changed, said in (
        (made.replace(b"(bid)", b"(bet)"), "署名のあとで内容が変わっているか、別の文書の署名です。"),
        (await asyncio.to_thread(pdf_world.extended, made), "署名が認めていない変更がPDFに加えられています"),
        (pdf_world.document(), "このPDFには、電子署名が入っていません。"),
        (made[:300], "PDFとして読み取れない"),
    ):
        page = await send(person, changed)
        assert page.status == 200
        assert said in page.text
        assert page.inquiry
        assert "北東 次郎" not in page.html


async def test_one_bad_signature_of_two_is_no_valid_file(person: Visitor, tmp_path: Path) -> None:
    revoked = person.made.authority.crl(pdf_world.card("p256").certificate.serial_number)
    both = await pdf(tmp_path, await pdf(tmp_path), "p256")
    person.made.trust.crl(revoked)
    page = await send(person, both)
    assert "失効" in page.text
    assert "有効な署名です" not in page.html.split("ご注意")[0]


async def test_xml_with_its_signature_inside_and_beside(person: Visitor, tmp_path: Path) -> None:
    card = person.made.card
    inside = signed_files.xml(tmp_path, card)
    page = await send(person, inside)
    assert "有効な署名です" in page.text
    assert told(page, "ICカード取得者氏名") == ["北東 次郎"]
    assert told(page, "署名の範囲") == ["文書の全体"]
    assert "署名された文書を保存" not in page.text
    changed = await send(person, inside.replace(b"1&amp;2", b"1&amp;3"))
    assert "署名のあとで内容が変わっているか、別の文書の署名です。" in changed.text
    beside = signed_files.xml_beside(tmp_path, card, DOCUMENT)
    alone = await send(person, beside)
    assert (alone.status, '<a href="#document">' in alone.html) == (422, True)
    page = await send(person, beside, DOCUMENT)
    assert "有効な署名です" in page.text
    assert told(page, "文書名") == ["内訳書.pdf"]


@pytest.mark.parametrize("named", [False, True])
async def test_a_time_stamp_is_told_with_whether_it_is_believed(person: Visitor, tmp_path: Path, named: bool) -> None:
    root = tmp_path / "timestamps"
    for kind in ("anchors", "crls"):
        (root / kind).mkdir(parents=True)
    (root / "anchors" / "ca.pem").write_bytes(person.made.authority.certificate.public_bytes(Encoding.PEM))
    (root / "crls" / "ca.crl").write_bytes(person.made.authority.crl())
    settings = replace(limited(person).verification, timestamps=root if named else None)
    person.made.configure(verification=settings)
    desk = stamper(TIMING)
    files = [await cms(person.made.card, desk), await pdf(tmp_path, desk=desk)]
    async with visitor(person.made) as asking:
        for file in files:
            page = await send(asking, file)
            assert "有効な署名です" in page.text
            if named:
                assert told(page, "タイムスタンプ") == ["2026/11/24 10:02:03（信頼するタイムスタンプ局の時計）"]
            else:
                assert "信頼するタイムスタンプ局のものと確認できません" in told(page, "タイムスタンプ")[0]
        other = await cms(person.made.card, desk, b"another signature's value")
        assert "有効な署名です" not in (await send(asking, other)).html.split("ご注意")[0]


async def test_hostile_files_keep_nobody_else_waiting(person: Visitor) -> None:
    """Two bombs at once, the most that one address may have under way: pages go on, and so does a third's file."""
    bomb = deflated_bomb()
    async with visitor(person.made, limited(person)) as asking:
        under_way = [asyncio.create_task(send(asking, bomb)) for _ in range(2)]
        began = time.monotonic()
        while not all(each.done() for each in under_way):
            assert (await asking.get("/registration")).status == 200
            await asyncio.sleep(0.05)
        assert time.monotonic() - began < 2 * process.DEADLINE_SECONDS + 60
        for each in under_way:
            page = await each
            assert "PDFとして読み取れない" in page.text or "時間" in page.text
        assert "有効な署名です" in (await send(asking, attached(DOCUMENT, person.made.card))).text


async def test_a_reading_that_does_not_end_is_told_as_that(person: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person.made.portal.verification._reader, "_deadline", 0.0)
    page = await send(person, b"<a/>")
    assert (page.status, "有効な署名です" in page.html.split("ご注意")[0]) == (200, False)
    assert "時間" in page.text
