"""Officers are told by mail of a 仮登録; its address leads to it once they have logged in, and nowhere else."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import quote

import pytest

from portal.officers.settings import OfficerRules
from portal.registration.purposes import Purpose
from portal.store import State
from portal.web.officers import door
from tests.flow.officer_decisions import mails
from tests.flow.officer_site import AtWork, allow, officer_card, waiting
from tests.flow.officer_site import officer as officer
from tests.flow.portal_site import visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, World

DESK = ("keiyaku@agency.example", "keiyaku2@agency.example")
LINK = re.compile(r"https://\S+")
ELSEWHERE = [
    *("https://evil.example/", "//evil.example", "/\\\\evil.example", "javascript:alert(1)", "evil.example"),
    *("R-000001/../../..//evil.example", "R-1\r\nSet-Cookie: x=y", "R-000001?x", "R-", "-1", "", "R-0000000000001"),
]


def told(made: World) -> None:
    made.configure(officers=OfficerRules(mail=DESK))


async def to_officers(made: World) -> list[tuple[str, str, str]]:
    return [each for each in await mails(made) if each[0] in DESK]


async def login_for(officer: AtWork, wanted: Any) -> tuple[int, Any]:
    """The page's own request, with what its address asked for."""
    await officer.get(door.LOGIN)
    signed = officer.made.signed(await officer.begin(door.BEGIN, {}), officer.card)
    body = {"statement": base64.b64encode(signed).decode(), "to": wanted}
    return await officer.browser.call(door.FINISH, body)


async def test_an_arrival_is_told_and_its_address_leads_there_after_the_login(officer: AtWork) -> None:
    made = officer.made
    told(made)
    await made.register()  # complete by itself: nobody has to look
    assert await to_officers(made) == []
    asked = await waiting(made)
    sent = await to_officers(made)
    assert [(to, subject) for to, subject, _ in sent] == [
        (each, "【山口市電子入札】仮登録の審査のお願い（R-000002）") for each in DESK
    ]
    body = sent[0][2]
    for said in (
        "受付番号: R-000002",
        "業者番号: 000000101",
        "商号又は名称: 北東組株式会社",
        "・ICカードの企業名称が、",
    ):
        assert said in body
    [link] = LINK.findall(body)
    assert link == f"{made.portal.settings.site.origin}/officers/registrations/{asked.reception}"
    typed = {value for value in FORM.values() if value != "北東組株式会社"}
    assert [value for value in (*typed, asked.company_id, "別会社株式会社") if value in body] == []
    async with visitor(made) as browser:
        other = AtWork(browser, officer.card)
        refused = await other.get(link.removeprefix(made.portal.settings.site.origin))
        assert (refused.status, refused.title) == (403, "担当者のログインが必要です")
        [way] = re.findall(r'<p class="actions"><a class="button" href="([^"]+)"', refused.html)
        page = await other.get(way)
        assert "ログインすると、受付番号 R-000002 の登録の画面が開きます。" in page.text
        assert await login_for(other, page.data("to")) == (200, {"next": f"/officers/registrations/{asked.reception}"})
        # A browser keeps the cookie back from a link in a mail on the web; then the way leads on at once.
        assert (await other.get(way)).url == f"/officers/registrations/{asked.reception}"


@pytest.mark.parametrize("wanted", ELSEWHERE)
async def test_the_login_leads_nowhere_else(officer: AtWork, wanted: str) -> None:
    page = await officer.get(f"{door.LOGIN}?to={quote(wanted, safe='')}")
    assert (page.status, "data-to" in page.html) == (200, False)
    assert await login_for(officer, wanted) == (200, {"next": "/officers"})
    assert (await officer.get(f"{door.LOGIN}?to={quote(wanted, safe='')}")).url == "/officers"


@pytest.mark.parametrize("wanted", [1, None, ["R-000001"]])
async def test_what_the_page_never_sends_is_refused(officer: AtWork, wanted: Any) -> None:
    status, problem = await login_for(officer, wanted)
    assert (status, problem["code"]) == (400, "bad_request")


async def test_a_registration_that_settles_itself_is_told_when_it_did_not(officer: AtWork) -> None:
    """Its CA's list was missing: nobody is asked to look until there is something to decide."""
    made = officer.made
    told(made)
    session = await made.ready()
    cms = made.signed(await made.portal.registrar.begin(session))
    (made.trust.folders.crls / "ca.crl").unlink()
    asked = await made.portal.registrar.finish(session, cms)
    assert (asked.state, await to_officers(made)) == (State.PROVISIONAL, [])
    made.trust.crl(made.authority.crl(int(asked.serial), number=9))
    made.configure()  # reads the folder anew
    assert await made.portal.registrar.recheck() == 1
    sent = await to_officers(made)
    assert [to for to, _, _ in sent] == list(DESK)
    assert "ICカードは有効ではありませんでした" in sent[0][2]


async def test_a_correction_of_what_waits_is_told(officer: AtWork) -> None:
    made = officer.made
    told(made)
    card = made.authority.issue(301, pki.subject(organization="別会社株式会社"))
    asked = await made.register(card)
    for signer in (card, None):
        if signer is None:
            await made.register()  # a registered one's change is nobody's to decide
        async with visitor(made) as bidder:
            await bidder.login(signer, Purpose.CHANGE)
            page = await bidder.submit("/change", {**FORM, "company_fax": "083-000-0000", "step": "confirm"})
            request = await bidder.begin("change", {"shown": page.data("shown")})
            assert (await bidder.finish("change", made.signed(request, signer)))[0] == 200
    subjects = [subject for to, subject, _ in await to_officers(made) if to == DESK[0]]
    assert subjects == [
        f"【山口市電子入札】仮登録の審査のお願い（{asked.reception}）",
        f"【山口市電子入札】仮登録の内容変更のお知らせ（{asked.reception}）",
    ]
    assert "083-000-0000" not in (await to_officers(made))[-1][2]


async def test_without_addresses_nobody_is_told(officer: AtWork) -> None:
    await waiting(officer.made)
    assert {to for to, _, _ in await mails(officer.made)} == {FORM["contact_mail"], FORM["card_mail"]}


async def test_a_card_of_nobodys_lands_nowhere(officer: AtWork) -> None:
    """The address is no way in: the list decides, whatever was asked for."""
    stranger = officer_card(officer.made, 950)
    async with visitor(officer.made) as browser:
        status, problem = await login_for(AtWork(browser, stranger), "R-000001")
        assert (status, problem["code"]) == (403, "officer_unknown")
        await allow(officer.made, stranger)
        assert await login_for(AtWork(browser, stranger), "R-000001") == (
            200,
            {"next": "/officers/registrations/R-000001"},
        )
