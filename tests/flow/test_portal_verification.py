"""検証機能 over HTTP, without a script: what people see, who may ask, what is told to whom; the receipt to be saved."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from cryptography.hazmat.primitives import serialization

from portal.settings import Grace, Settings
from tests.flow.portal_site import Page, Visitor, visitor
from tests.flow.test_portal_road import facts
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import DOCUMENT, attached, openssl_sign
from tests.unit.portal_world import FORM, world


async def send(
    person: Visitor, file: bytes | None, document: bytes | None = None, path: str = "/verification", **headers: str
) -> Page:
    """The form of the page with these files; the browser sends an empty part where nothing was chosen."""
    form = FormData(quote_fields=False)  # as browsers do
    form.add_field("file", file or b"", filename="内訳書.pdf.p7m" if file is not None else "")
    form.add_field("document", document or b"", filename="内訳書.pdf" if document is not None else "")
    return await post(person, form, path, **headers)


async def post(
    person: Visitor, form: FormData | bytes | AsyncIterator[bytes], path: str = "/verification", **headers: str
) -> Page:
    sent = {"Origin": pki.ORIGIN, **headers}
    return await person._page(await person.client.post(path, data=form, headers=sent))


def limited(person: Visitor, **limits: Any) -> Settings:
    """The portal's settings with these limits, and none on how often one may ask unless it is among them."""
    settings = person.made.portal.settings
    return replace(settings, verification=replace(settings.verification, **{"per_minute": 1000, **limits}))


async def registered(person: Visitor, card: pki.Card | None = None) -> bytes:
    """Registers; the receipt as the completion page offers it."""
    confirm = await person.fill(card)
    status, _ = await person.finish("registration", person.made.signed(await person.statement(confirm), card))
    assert status == 200
    complete = await person.get("/registration/complete")
    assert 'href="/registration/receipt"' in complete.html
    assert 'href="/verification"' in complete.html
    async with person.client.get("/registration/receipt") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/pkcs7-mime"
        assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''9991000000000001.p7m"
        assert response.headers["Cache-Control"] == "no-store"
        return await response.read()


async def test_a_saved_receipt_is_verified_by_anyone_without_a_login(person: Visitor) -> None:
    file = await registered(person)
    assert await person.made.store.stored_cms("9991000000000001") == [file]
    async with visitor(person.made) as stranger:
        assert (await stranger.get("/verification")).title == "検証機能"
        page = await send(stranger, file)
    assert page.status == 200
    assert "有効な署名です" in page.text
    told = dict(facts(page))
    assert told["ICカード取得者氏名"] == "北東 次郎"
    assert told["証明書シリアル番号"] == "121"
    assert told["証明書有効期限"] == "2032/11/20"
    assert told["署名日時"] == "2026/11/24 10:02:03（署名したパソコンの時計）"
    assert told["操作"] == "利用者登録（登録）"
    assert told["宛先"] == f"{pki.AUDIENCE}（この電子入札システム）"
    assert told["業者番号"] == "000000101"
    assert told["連絡先メールアドレス"] == FORM["card_mail"]
    assert told["ファイル名"] == "内訳書.pdf.p7m"
    assert "登録済みの受領データと一致" not in page.html.split("ご注意")[0]
    assert "9991000000000001" not in page.html


async def test_the_portals_own_receipts_are_recognised_for_a_card_of_the_company_alone(person: Visitor) -> None:
    file = await registered(person)
    page = await send(person, file)
    assert facts(page)[:2] == [
        ("企業ID", "9991000000000001"),
        ("受領日時", "2026/11/24 10:02:03（電子入札システムの時計）"),
    ]
    async with visitor(person.made) as other:
        await other.login(person.made.authority.issue(180, pki.subject("別会社株式会社")))
        assert "9991000000000001" not in (await send(other, file)).html


async def test_without_a_login_the_answer_is_the_same_whether_or_not_it_is_registered(person: Visitor) -> None:
    """Two signatures of one content, one of them received: a stranger's pages differ in the files' own facts alone."""
    request = await person.statement(await person.fill())
    received = person.made.signed(request)
    assert (await person.finish("registration", received))[0] == 200
    curve = person.made.authority.issue(181, key=pki.ec_key("never sent"))
    never = pki.sign(pki.statement(curve, request._asdict()), curve)
    async with visitor(person.made) as stranger:
        pages = [await send(stranger, file) for file in (received, never)]
    own = {"証明書シリアル番号", "大きさ", "SHA-256"}
    lists = [[(label, "" if label in own else value) for label, value in facts(page)] for page in pages]
    assert lists[0] == lists[1]
    assert len({page.html.count("<h2") for page in pages}) == 1


async def test_a_changed_receipt_says_why_and_shows_nothing_of_it(person: Visitor) -> None:
    file = await registered(person)
    changed = file.replace("北東組株式会社".encode(), "東北組株式会社".encode())
    assert changed != file
    page = await send(person, changed)
    assert page.status == 200
    assert "署名は有効ではありません" in page.text
    assert "署名のあとで内容が変わっているか、別の文書の署名です。" in page.text
    assert page.inquiry
    assert [label for label, _ in facts(page)] == ["ファイル名", "大きさ", "SHA-256", "検証日時"]
    assert "東北組" not in page.html


async def test_a_foreign_ca_is_no_valid_signature_and_names_nobody(person: Visitor) -> None:
    foreign = pki.Authority(pki.ISSUER, pki.rsa_key("another authority"))
    page = await send(person, attached(DOCUMENT, foreign.issue()))
    assert "誰の署名か分かりません" in page.text
    assert "北東 次郎" not in page.html


async def test_an_expired_card_is_named_with_the_reason(person: Visitor) -> None:
    file = await registered(person)
    person.made.wait(days=365 * 7)
    page = await send(person, file)
    assert "有効期限が切れているため" in page.text
    assert dict(facts(page))["証明書有効期限"] == "2032/11/20"


async def test_whoever_is_believed_within_a_grace_is_told_until_when_the_list_was_good(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        der = made.authority.certificate.public_bytes(serialization.Encoding.DER)
        grace = (Grace(hashlib.sha256(der).hexdigest(), 2),)
        made.configure(trust=replace(made.trust.folders, grace=grace))
        async with visitor(made) as person:
            file = await registered(person)
            assert "失効情報" not in (await send(person, file)).text
            made.trust.crl(
                made.authority.crl(since=made.time - timedelta(days=1), until=made.time - timedelta(hours=1))
            )
            shown = dict(facts(await send(person, file)))
    assert shown["失効情報"] == "2026/11/24 09:02:03まで有効だったもので確かめました（猶予期間内）"


async def test_a_detached_signature_wants_its_document(person: Visitor) -> None:
    file = openssl_sign(DOCUMENT, person.made.card)
    alone = await send(person, file)
    assert alone.status == 422
    assert '<a href="#document">' in alone.html
    assert "署名した文書も選んで" in alone.text
    page = await send(person, file, DOCUMENT)
    assert "有効な署名です" in page.text
    assert dict(facts(page))["文書名"] == "内訳書.pdf"
    assert "署名された文書を保存" not in page.text
    assert "別の文書の署名です" in (await send(person, file, DOCUMENT + b"!")).text


async def test_the_document_inside_is_saved_from_a_valid_file_only(person: Visitor) -> None:
    html = b"<script>alert(1)</script>"
    file = attached(html, person.made.card)
    page = await send(person, file)
    assert "署名された文書を保存" in page.text
    assert dict(facts(page))["文書名"] == "内訳書.pdf（署名ファイルの中）"
    name = "../..\\見積 <1>\u202e.pdf.p7m"
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + file + b"\r\n--b--\r\n"
    sent = {"Origin": pki.ORIGIN, "Content-Type": "multipart/form-data; boundary=b"}
    async with person.client.post("/verification/content", data=body, headers=sent) as response:
        assert await response.read() == html
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        disposition = response.headers["Content-Disposition"]
    assert disposition == "attachment; filename*=UTF-8''%E8%A6%8B%E7%A9%8D%20%3C1%3E.pdf"
    broken = await send(person, file[:-1] + bytes([file[-1] ^ 1]), path="/verification/content")
    assert "署名の値が正しくありません" in broken.text
    receipt = await send(person, await registered(person), path="/verification/content")
    assert "有効な署名です" in receipt.text


async def test_bad_input_is_named_at_its_field_and_in_the_summary(person: Visitor) -> None:
    nothing = await send(person, None)
    assert nothing.status == 422
    assert '<a href="#file">検証するファイル：署名ファイル（.p7m' in nothing.html
    assert 'aria-describedby="file-hint file-problem"' in nothing.html
    assert nothing.inquiry
    async with visitor(person.made, limited(person, max_bytes=65536)) as small:
        large = await send(small, bytes(65537))
        assert large.status == 422
        assert "0.0625MBまで" in large.text
        assert "document-problem" in (await send(small, b"x", bytes(65537))).html
        assert (await send(small, bytes(65536))).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_another_site_cannot_have_files_verified(person: Visitor, origin: str) -> None:
    for path in ("/verification", "/verification/content"):
        page = await send(person, b"x", path=path, Origin=origin)
        assert (page.status, page.title) == (403, "別のサイトからの送信です")


async def test_the_page_begins_no_visit_and_needs_none(person: Visitor) -> None:
    page = await send(person, b"x")
    assert "Set-Cookie" not in page.headers
    assert "Set-Cookie" not in (await person.get("/verification")).headers
    assert await person.made.count("sessions") == 0


async def test_whatever_is_no_form_with_files_is_a_bad_request(person: Visitor) -> None:
    kind = "multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    twice = part + b"x\r\n" + part + b"x\r\n--b--\r\n"
    nested = b'--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n'
    charset = b'--b\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n' + b"x" * 40 + b"\r\n--b--\r\n"
    bodies = {b"": kind, b"--b": kind, b"x" * 100: kind, part + b"cut off": kind, twice: kind, nested: kind}
    bodies |= {charset: kind, b"file=x": "application/x-www-form-urlencoded", b"{}": "application/json"}
    bodies |= {part: "multipart/form-data", part + b"\r\n": "multipart/form-data; boundary=" + "b" * 71}
    async with visitor(person.made, limited(person)) as patient:
        for body, content_type in bodies.items():
            page = await post(patient, body, **{"Content-Type": content_type})
            assert (page.status, page.title) == (400, "送信された内容を読み取れません"), (body, content_type)
        other = FormData()
        other.add_field("other", b"x", filename="x")
        assert (await post(patient, other)).status == 400


async def test_so_many_a_minute_and_no_more(person: Visitor) -> None:
    async with visitor(person.made, limited(person, per_minute=3)) as eager:
        for _ in range(3):
            assert (await send(eager, b"x")).status == 200
        refused = await send(eager, b"x")
        assert (refused.status, refused.title) == (429, "短い時間に何度も送信されています")
        assert (await eager.get("/verification")).status == 200
        person.made.wait(minutes=1)
        assert (await send(eager, b"x")).status == 200


async def test_a_slow_upload_is_ended_and_others_go_on(person: Visitor) -> None:
    async with visitor(person.made, limited(person, upload_seconds=1, at_once=1)) as slow:
        begun, end = asyncio.Event(), asyncio.Event()

        async def dribble() -> AsyncIterator[bytes]:
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx'
            begun.set()
            await end.wait()

        first = asyncio.create_task(post(slow, dribble(), **{"Content-Type": "multipart/form-data; boundary=b"}))
        await begun.wait()
        while (busy := await send(slow, b"x")).status == 200:  # until the server has met the first
            pass
        assert (busy.status, busy.title) == (503, "ただいま検証が混み合っています")
        page = await first
        end.set()
        assert page.title == "ファイルの送信に時間がかかりすぎました"
        assert (await send(slow, b"x")).status == 200
