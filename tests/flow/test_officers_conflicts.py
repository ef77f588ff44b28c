"""Decisions that cross: two officers, a correction meanwhile, a double click, another card; and their log."""

from __future__ import annotations

import asyncio
import json

import pytest

from portal.registration.purposes import Purpose
from portal.store import State, officers, times
from portal.web.officers import deciding, door
from tests.flow.officer_decisions import WHY, confirm, decide, mails, sign, stands, typed
from tests.flow.officer_site import NAME, AtWork, office, waiting
from tests.flow.officer_site import officer as officer
from tests.flow.portal_site import visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM

# Two at once, twice, too late


async def test_two_officers_on_one_page_the_second_is_told(officer: AtWork) -> None:
    made = officer.made
    asked = await waiting(made)
    async with office(made, 901) as other:
        await officer.login()
        await other.login()
        mine = await confirm(officer, asked.reception, "accepted")
        theirs = await confirm(other, asked.reception, "refused", WHY)
        stale = await other.get(f"/officers/registrations/{asked.reception}")
        request = await other.begin(deciding.BEGIN, {"shown": theirs.data("shown")})
        assert (await sign(officer, mine))[0] == 200
        status, problem = await other.finish(deciding.FINISH, request)
        assert (status, problem["code"]) == (409, "registration_moved")
        page = await other.submit(f"/officers/registrations/{asked.reception}/decision/refused", typed(stale, WHY))
        assert (page.status, page.title) == (409, "この登録は、画面を開いたあとに変わっています")
    assert await stands(made, asked) is State.REGISTERED
    assert len([each for each in await mails(made) if "不受理" in each[1]]) == 0


async def test_an_applicant_who_changed_something_meanwhile(officer: AtWork) -> None:
    """The decision was on what they had signed before."""
    made = officer.made
    card = made.authority.issue(301, pki.subject(organization="別会社株式会社"))
    asked = await made.register(card)
    await officer.login()
    page = await confirm(officer, asked.reception, "accepted")
    request = await officer.begin(deciding.BEGIN, {"shown": page.data("shown")})
    async with visitor(made) as bidder:
        await bidder.login(card, Purpose.CHANGE)
        changed = await bidder.submit("/change", {**FORM, "company_fax": "083-000-0000", "step": "confirm"})
        signed = made.signed(await bidder.begin("change", {"shown": changed.data("shown")}), card)
        assert (await bidder.finish("change", signed))[0] == 200
    status, problem = await officer.finish(deciding.FINISH, request)
    assert (status, problem["code"]) == (409, "registration_moved")
    assert await stands(made, asked) is State.PROVISIONAL


async def test_a_double_click_decides_once(officer: AtWork) -> None:
    made = officer.made
    asked = await waiting(made)
    await officer.login()
    page = await confirm(officer, asked.reception, "accepted")
    request = await officer.begin(deciding.BEGIN, {"shown": page.data("shown")})
    answers = await asyncio.gather(*(officer.finish(deciding.FINISH, request) for _ in range(4)))
    assert answers == [(200, {"next": f"/officers/registrations/{asked.reception}?done=accepted"})] * 4
    assert len([each for each in await mails(made) if "受理のお知らせ" in each[1]]) == 1  # the form has one address
    assert await made.count("officer_log") == 3  # added, login, accepted


async def test_another_tabs_decision_is_not_signed(officer: AtWork) -> None:
    made = officer.made
    first, second = await waiting(made, 301), await waiting(made, 302)
    await officer.login()
    page = await confirm(officer, first.reception, "accepted")
    await confirm(officer, second.reception, "accepted")
    status, problem = await officer.browser.call(deciding.BEGIN, {"shown": page.data("shown")})
    assert (status, problem["code"]) == (409, "content_changed")


async def test_another_officers_card_signs_nothing_here(officer: AtWork) -> None:
    made = officer.made
    asked = await waiting(made)
    async with office(made, 901) as other:
        await officer.login()
        page = await confirm(officer, asked.reception, "accepted")
        request = await officer.begin(deciding.BEGIN, {"shown": page.data("shown")})
        status, problem = await officer.finish(deciding.FINISH, request, other.card)
    assert (status, problem["code"]) == (409, "certificate_mismatch")
    assert await stands(made, asked) is State.PROVISIONAL


async def test_an_officer_who_is_taken_off_the_list_decides_nothing_more(officer: AtWork) -> None:
    made = officer.made
    asked = await waiting(made)
    await officer.login()
    page = await confirm(officer, asked.reception, "accepted")
    request = await officer.begin(deciding.BEGIN, {"shown": page.data("shown")})
    await made.store.write(lambda db: officers.remove(db, 1, "test", made.time))
    status, problem = await officer.finish(deciding.FINISH, request)
    assert (status, problem["code"]) == (403, "officer_session_ended")
    assert await stands(made, asked) is State.PROVISIONAL


@pytest.mark.parametrize(
    ("act", "code"), [("accepted", 409), ("refused", 409), ("resumed", 409), ("registered", 404), ("x", 404)]
)
async def test_what_does_not_fit_the_state_is_refused(officer: AtWork, act: str, code: int) -> None:
    registered = await officer.made.register()
    await officer.login()
    changed = times.text(registered.changed)
    given = {"basis": registered.cms_sha256, "state": "registered", "changed": changed, "reason": WHY}
    page = await officer.submit(f"/officers/registrations/{registered.reception}/decision/{act}", given)
    assert page.status == code
    for state in ("provisional", "stopped", ""):
        page = await officer.submit(
            f"/officers/registrations/{registered.reception}/decision/{act}", {**given, "state": state}
        )
        assert page.status == code
    assert await stands(officer.made, registered) is State.REGISTERED


async def test_a_card_whose_revocation_is_not_known_is_not_accepted(officer: AtWork) -> None:
    """It came while its CA's list was missing; an officer can refuse it, and accept it once it was looked at."""
    made = officer.made
    await officer.login()
    card = made.authority.issue(301, pki.subject(organization="別会社株式会社"))
    session = await made.ready(card)
    cms = made.signed(await made.portal.registrar.begin(session), card)
    (made.trust.folders.crls / "ca.crl").unlink()
    asked = await made.portal.registrar.finish(session, cms)
    page = await officer.get(f"/officers/registrations/{asked.reception}")
    assert "不受理へ進む" in page.html
    assert "受理へ進む</button>" not in page.html.replace("不受理へ進む", "")
    page = await confirm(officer, asked.reception, "accepted")
    assert (page.status, page.title) == (409, "このICカードは、まだ受理できません")


# The log


async def test_the_log_says_who_when_what_and_is_filtered(officer: AtWork) -> None:
    made = officer.made
    asked = await waiting(made)
    async with office(made, 901) as other:
        await other.login()
        await officer.login()
        await decide(officer, asked.reception, "refused", WHY)
    page = await officer.get("/officers/log?reception=r-1")
    assert "1件" in page.text
    for said in (NAME, "2026/11/24 10:02", "不受理", "仮登録（審査待ち）", "委任状を確認できません。"):
        assert said in page.text
    assert "該当" not in (await officer.get("/officers/log?officer=2")).text
    assert "2件" in (await officer.get("/officers/log?officer=1")).text  # login, refused
    assert "当てはまる記録はありません。" in (await officer.get("/officers/log?reception=R-000099")).text
    assert (await officer.get("/officers/log?officer=x&page=-1")).status == 200


@pytest.mark.parametrize("job", ["UPDATE officer_log SET who = 'x'", "DELETE FROM officer_log"])
async def test_the_database_itself_refuses_to_change_the_log(officer: AtWork, job: str) -> None:
    await officer.login()
    with pytest.raises(Exception, match="only written on"):
        await officer.made.store.write(lambda db: db.execute(job).rowcount)
    assert await officer.made.count("officer_log") == 2


async def test_a_decision_can_be_looked_at_and_taken_away_like_any_statement(officer: AtWork) -> None:
    asked = await waiting(officer.made)
    await officer.login()
    page = await decide(officer, asked.reception, "refused", WHY)
    address = page.html.split('id="log"')[1].split('href="')[1].split('"')[0]
    shown = await officer.get(address)
    for said in ("利用申請の不受理", "委任状を確認できません。", "OU=CoreCA"):
        assert said in shown.text
    async with officer.browser.client.get(f"{address}/evidence") as saved:
        assert json.loads(await saved.read())["chain"]
    assert (await officer.submit(door.END, {})).url == door.ENDED
