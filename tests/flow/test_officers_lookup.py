"""Officers find registrations and see what they rest on."""

from __future__ import annotations

import hashlib
import json

import pytest

from portal.store import lookup
from portal.store.migrations import running
from tests.flow.officer_site import AtWork, office, waiting
from tests.flow.officer_site import officer as officer
from tests.flow.portal_site import visitor
from tests.unit.portal_world import SEARCH

WORDS = [
    *("R-000001", "r-000001", "Ｒ－０００００１", " R-1 "),  # 受付番号, as people type it
    *("9991000000000001", "9991", "９９９１"),  # 企業ID
    *("000000101", "0000001", "０００００"),  # 業者番号
    *("北東組株式会社", "北東", "東組", "組", "株式会社", "（株）", "北東組 株式会社"),  # 商号 and parts of it
]


@pytest.mark.parametrize("words", WORDS)
async def test_a_registration_is_found_by(officer: AtWork, words: str) -> None:
    registered = await officer.made.register()
    await officer.login()
    page = await officer.get(f"/officers?words={words}")
    assert page.status == 200
    assert registered.reception in page.text
    assert SEARCH["name"] in page.text


@pytest.mark.parametrize("words", ["北 東組株式会社工業", "西", "0101", "%", "_", "'", "\\", "19991", "＊"])
async def test_and_not_by(officer: AtWork, words: str) -> None:
    await officer.made.register()
    await officer.login()
    page = await officer.get("/officers")
    assert "R-000001" in page.text
    page = await officer.browser._page(await officer.browser.client.get("/officers", params={"words": words}))
    assert (page.status, "R-000001" in page.text) == (200, False)
    assert "当てはまる登録はありません" in page.text


async def test_words_that_are_too_long_are_refused_kindly(officer: AtWork) -> None:
    await officer.login()
    page = await officer.get(f"/officers?words={'あ' * 61}")
    assert page.status == 422
    assert "検索する言葉は60文字までです。" in page.text


@pytest.mark.parametrize("words", ["R-000099", "R-999999999999", "R-0"])
async def test_a_reception_number_that_is_nobodys(officer: AtWork, words: str) -> None:
    await officer.login()
    page = await officer.get(f"/officers?words={words}")
    assert (page.status, page.title) == (404, "この受付番号の登録はありません")


async def test_pages_and_states(officer: AtWork) -> None:
    made = officer.made
    await made.register()
    for serial in (301, 302, 303):
        made.wait(minutes=1)
        await waiting(made, serial)
    made.configure(officers=type(made.portal.settings.officers)(rows=2))
    async with visitor(made) as browser:
        other = AtWork(browser, officer.card)
        first = await other.login()
        assert "審査を待っている仮登録が 3件 あります。" in first.text
        assert "4件のうち、1～2件目を表示しています。" in first.text
        assert [each for each in ("R-000004", "R-000003", "R-000002") if each in first.text] == ["R-000004", "R-000003"]
        second = await other.get("/officers?words=&state=provisional&page=2")
        assert "3件のうち、3～3件目を表示しています。" in second.text
        assert "R-000002" in second.text
        assert "2／2ページ" in (await other.get("/officers?state=provisional&page=999")).text
        assert (await other.get("/officers?state=nonsense&page=x")).status == 200


async def test_words_that_fit_very_many_are_not_counted_to_the_end(
    officer: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = officer.made
    monkeypatch.setattr(lookup, "MANY", 0)
    await made.register()
    await waiting(made)
    await officer.login()
    assert "ほかにも当てはまる登録があります。" in (await officer.get("/officers?words=株式会社")).text
    monkeypatch.setattr(lookup, "MANY", 1)  # one company, two registrations: counted
    page = await officer.get("/officers?words=株式会社&state=provisional")
    assert "1件を表示しています。" in page.text
    assert "ほかにも" not in page.text


async def test_a_registration_is_shown_with_its_evidence(officer: AtWork) -> None:
    made = officer.made
    registered = await made.register()
    await officer.login()
    page = await officer.get("/officers/registrations/R-000001")
    for said in (registered.company_id, "R-000001", "登録済み", made.card.sha256, SEARCH["name"], "日立 二郎"):
        assert said in page.text
    address = f"/officers/registrations/R-000001/statements/{registered.cms_sha256}"
    assert address in page.html
    shown = await officer.get(address)
    crl = hashlib.sha256(made.authority.crl()).hexdigest()
    for said in (
        crl,
        "失効リスト（CRL） 番号 7",
        registered.cms_sha256,
        "2026/11/24 10:02",
        "OU=CoreCA",
        "利用者登録（登録）",
    ):
        assert said in shown.text
    async with officer.browser.client.get(f"{address}/cms") as saved:
        assert hashlib.sha256(await saved.read()).hexdigest() == registered.cms_sha256
        assert saved.headers["Content-Type"] == "application/pkcs7-mime"
        assert saved.headers["Content-Disposition"].startswith('attachment; filename="R-000001-')
    async with officer.browser.client.get(f"{address}/evidence") as saved:
        assert json.loads(await saved.read())["verifiedAt"].startswith("2026-11-24T01:02:03")


async def test_a_statement_is_shown_under_its_own_registration_alone(officer: AtWork) -> None:
    registered = await officer.made.register()
    await waiting(officer.made)
    await officer.login()
    for name in (registered.cms_sha256, "0" * 64, "x"):
        page = await officer.get(f"/officers/registrations/R-000002/statements/{name}")
        assert (page.status, page.title) == (404, "この署名データはありません")


async def test_a_waiting_card_is_shown_with_why_it_waits(officer: AtWork) -> None:
    await waiting(officer.made)
    await officer.login()
    page = await officer.get("/officers/registrations/R-000001")
    assert "仮登録（審査待ち）" in page.text
    assert (
        "ICカードの企業名称「別会社株式会社」が、資格審査情報の商号又は名称「北東組株式会社」と異なります。（仮登録の理由）"
        in page.text
    )


async def test_a_company_is_found_though_it_was_registered_before_there_was_an_index(officer: AtWork) -> None:
    """A database of the first revision: the one that makes the index fills it."""
    made = officer.made
    await made.register()
    running.move(made.portal.settings.database, "0001", lose=True)
    await made.restart()
    async with office(made, 902) as other:
        await other.login()
        assert "R-000001" in (await other.get("/officers?words=東組")).text


async def test_an_inquiry_number_is_found_with_what_stood_behind_it(officer: AtWork) -> None:
    made = officer.made
    await made.register()
    async with visitor(made) as bidder:
        await bidder.login()
        page = await bidder.get("/registration/form")  # already registered
        assert page.status == 409
    await officer.login()
    found = await officer.get(f"/officers?words={page.inquiry.lower()}")
    assert found.title == f"問い合わせ番号 {page.inquiry}"
    for said in ("already_registered", "/registration/form", "2026/11/24 10:02", f"R-000001（{SEARCH['name']}）"):
        assert said in found.text
    assert "当てはまる登録はありません" in (await officer.get("/officers?words=2222-3333")).text


async def test_who_has_no_visit_leaves_no_inquiry_behind(officer: AtWork) -> None:
    async with visitor(officer.made) as bidder:
        assert (await bidder.get("/nope")).status == 404
        await bidder.get("/registration/menu")
        assert (await bidder.get("/registration/form")).status == 403
    await officer.made.store.write(lambda _: None)  # behind those that nobody waited for
    assert await officer.made.count("inquiries") == 1


async def test_inquiries_are_kept_for_three_months(officer: AtWork) -> None:
    async with visitor(officer.made) as bidder:
        for days in (0, 89, 2):
            officer.made.wait(days=days)
            await bidder.get("/registration/menu")
            assert (await bidder.get("/registration/form")).status == 403
    await officer.made.store.write(lambda _: None)  # behind those that nobody waited for
    assert await officer.made.count("inquiries") == 2
