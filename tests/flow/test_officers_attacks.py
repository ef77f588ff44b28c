"""Officers' pages under attack, and under clumsy hands: what is typed, sent, replayed, taken from elsewhere."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import product
from urllib.parse import quote

from portal.mail.sender import Sender
from portal.mail.smtp import Smtp
from portal.store import State
from portal.web.officers import board, deciding, door
from portal.web.officers import session as own
from tests.flow.mail_office import plain
from tests.flow.mail_server import Post, mail_server
from tests.flow.officer_decisions import WHY, body, confirm, decide, sign, stands, typed
from tests.flow.officer_site import AtWork, allow, office, waiting
from tests.flow.officer_site import officer as officer
from tests.flow.portal_site import visitor
from tests.unit.portal_crowd import crowd
from tests.unit.portal_world import FORM

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
LISTS = ("/officers?words=", "/officers/log?reception=", "/officers/log?officer=", "/officers/mails?recipient=")
ODD = [
    "%",
    "_",
    "'",
    '"',
    "';--",
    "\\",
    "*",
    "\0",
    "\r\n",
    "R-",
    "R-0",
    "٣",
    "\U00020bb7",
    "\ud83d",
    SCRIPT,
    "あ" * 800,
]
NUMBERS = ["0", "-1", "x", "999999", "9" * 50, "1e3", "２", SCRIPT]
TYPED = {
    "r-1": True,
    "%EF%BC%B2%EF%BC%8D%EF%BC%91": True,
    "%20R-1%0A": True,
    "R-000001%0D%0AX:%20y": False,
    "R-1%22": False,
    "R-000001.": False,
}
"""受付番号 as somebody types it into the address, and whether it is one."""


# Sessions


async def test_a_login_changes_the_cookie_and_ends_the_one_before(officer: AtWork) -> None:
    """Whoever planted a visit in somebody's browser has nothing of it afterwards."""
    await officer.get(door.LOGIN)
    planted = cookie(officer)
    status, _ = await officer.finish(door.FINISH, await officer.begin(door.BEGIN, {}))
    assert status == 200
    assert cookie(officer) != planted
    async with visitor(officer.made) as browser:
        attacker = AtWork(browser, officer.card)
        carry(planted, attacker)
        assert (await attacker.get("/officers")).title == "担当者のログインが終わりました"


async def test_the_cookie_is_the_hosts_own_and_no_scripts(officer: AtWork) -> None:
    async with officer.browser.client.get(door.LOGIN) as response:
        [given] = response.headers.getall("Set-Cookie")
    assert given.startswith(f"{own.COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict", "Secure"} == set(given.split("; ")[1:])


async def test_a_visit_that_was_logged_out_is_over_in_every_browser(officer: AtWork) -> None:
    await officer.login()
    kept = cookie(officer)
    await officer.submit(door.END, {})
    async with visitor(officer.made) as browser:
        attacker = AtWork(browser, officer.card)
        carry(kept, attacker)
        assert (await attacker.get("/officers")).status == 403


async def test_an_expired_card_logs_nobody_in(officer: AtWork) -> None:
    """It stands on the list, and its signature holds."""
    made = officer.made
    card = made.authority.issue(907, until=made.time - timedelta(days=1))
    await allow(made, card)
    async with visitor(made) as browser:
        status, problem = await AtWork(browser, card).try_login()
    assert (status, problem["code"]) == (400, "certificate_expired")


async def test_a_card_revoked_after_the_login_decides_nothing(officer: AtWork) -> None:
    made = officer.made
    asked = await waiting(made)
    await officer.login()
    page = await confirm(officer, asked.reception, "accepted")
    made.trust.crl(made.authority.crl(900, number=8))
    made.configure()  # reads the folder anew
    async with visitor(made) as browser:
        later = AtWork(browser, officer.card)
        carry(cookie(officer), later)
        status, problem = await sign(later, await later.get(page.url))
    assert (status, problem["code"]) == (400, "certificate_revoked")
    assert await stands(made, asked) is State.PROVISIONAL


# Two at once, again, back


async def test_two_officers_decide_at_the_same_moment_and_one_decision_stands(officer: AtWork) -> None:
    made = officer.made
    asked = await waiting(made)
    async with office(made, 901) as other:
        await officer.login()
        await other.login()
        mine = await confirm(officer, asked.reception, "accepted")
        theirs = await confirm(other, asked.reception, "refused", WHY)
        my_request = await officer.begin(deciding.BEGIN, {"shown": mine.data("shown")})
        their_request = await other.begin(deciding.BEGIN, {"shown": theirs.data("shown")})
        answers = await asyncio.gather(
            officer.finish(deciding.FINISH, my_request), other.finish(deciding.FINISH, their_request)
        )
    assert sorted(status for status, _ in answers) == [200, 409]
    [refusal] = [answer for status, answer in answers if status == 409]
    assert refusal["code"] == "registration_moved"
    decided = [act for act in await acts(officer) if act in ("accepted", "refused")]
    assert len(decided) == 1
    assert (await stands(made, asked)) is {"accepted": State.REGISTERED, "refused": State.REFUSED}[decided[0]]


async def test_a_confirmation_has_an_address_that_can_be_loaded_anew_and_gone_back_to(officer: AtWork) -> None:
    asked = await waiting(officer.made)
    await officer.login()
    page = await confirm(officer, asked.reception, "refused", WHY)
    assert page.url == f"/officers/registrations/{asked.reception}/decision"
    again = await officer.get(page.url)
    assert (again.data("shown"), again.text) == (page.data("shown"), page.text)
    await sign(officer, again)
    gone = await officer.get(page.url)  # the back button
    assert (gone.status, gone.url) == (200, f"/officers/registrations/{asked.reception}")
    assert "不受理" in gone.text


async def test_another_registrations_confirmation_is_not_this_ones(officer: AtWork) -> None:
    first, second = await waiting(officer.made, 301), await waiting(officer.made, 302)
    await officer.login()
    await confirm(officer, first.reception, "accepted")
    page = await officer.get(f"/officers/registrations/{second.reception}/decision")
    assert page.url == f"/officers/registrations/{second.reception}"


async def test_an_address_alone_does_not_say_that_something_was_done(officer: AtWork) -> None:
    """A link from a stranger would have an officer believe it."""
    asked = await waiting(officer.made)
    await officer.login()
    for said in ("accepted", "refused", SCRIPT):
        page = await officer.get(f"/officers/registrations/{asked.reception}?done={quote(said)}")
        assert "受理しました" not in page.text
        assert "不受理としました" not in page.text
    page = await decide(officer, asked.reception, "accepted")
    assert "受理しました。" in page.text
    page = await officer.get(f"/officers/registrations/{asked.reception}?done=refused")
    assert "不受理としました" not in page.text


# What is typed


async def test_odd_words_find_nothing_and_break_nothing(officer: AtWork) -> None:
    await officer.made.register()
    await officer.login()
    for address, words in product(LISTS, ODD):
        page = await officer.get(address + quote(words, errors="surrogatepass"))
        assert page.status in (200, 404, 422), (address, words)
        assert "<script>alert" not in page.html
        assert not words.strip() or "R-000001" not in page.text, (address, words)


async def test_an_odd_page_number_is_one_that_there_is(officer: AtWork) -> None:
    await officer.login()
    for address, number in product(("/officers", "/officers/log", "/officers/mails"), NUMBERS):
        assert (await officer.get(f"{address}?page={quote(number)}")).status == 200, (address, number)


async def test_an_address_that_was_typed_is_written_our_way_or_unknown(officer: AtWork) -> None:
    """Also in the name of a file that is taken away, and where something is decided."""
    asked = await waiting(officer.made)
    await officer.login()
    form = typed(await officer.get(f"/officers/registrations/{asked.reception}"))
    for typed_as, known in TYPED.items():
        address = f"/officers/registrations/{typed_as}"
        for part in ("", f"/statements/{asked.cms_sha256}"):
            assert (await officer.get(address + part)).status == (200 if known else 404), typed_as
        async with officer.browser.client.get(f"{address}/statements/{asked.cms_sha256}/cms") as saved:
            said = f'attachment; filename="{asked.reception}-{asked.cms_sha256[:8]}.p7m"'
            assert saved.headers.get("Content-Disposition") == (said if known else None)
        chosen = await officer.submit(f"{address}/decision/accepted", form)
        assert chosen.title == ("受理の確認" if known else "この受付番号の登録はありません")


async def test_names_and_reasons_are_text_on_every_page(officer: AtWork) -> None:
    """A company, an officer and a reason that are markup, and a formula where somebody pastes a list elsewhere."""
    made = officer.made
    await crowd(made, await made.register(), 1, f"={SCRIPT}")
    await made.store.write(lambda db: db.execute("UPDATE officers SET name = ? WHERE id = 1", (SCRIPT,)).rowcount)
    await officer.login()
    await decide(officer, "R-000002", "stopped", f"{SCRIPT}\n=1+1")
    for path in ("", "/registrations/R-000002", "/log", "/mails", "/mails/1", "/mails/2", "/notices", "/emergency"):
        page = await officer.get(f"/officers{path}")
        assert (page.status, SCRIPT in page.text) == (200, True)
        assert "<script>alert" not in page.html
        assert "<img" not in page.html


async def test_a_reason_is_lines_of_a_mail_and_never_its_head(officer: AtWork) -> None:
    made, post = officer.made, Post()
    asked = await waiting(made)
    await officer.login()
    reason = "確認できません\r\nBcc: x@evil.example\r\n\r\n.\r\nRCPT TO:<y@evil.example>"
    await decide(officer, asked.reception, "refused", reason)
    async with mail_server(post) as port:
        await Sender(plain(port), made.store, Smtp(plain(port), "portal.test"), lambda: made.time).drain()
    [told] = [each for each in post.taken if "不受理" in str(each.message["Subject"])]
    assert {each.recipient for each in post.taken} == {FORM["contact_mail"], FORM["card_mail"]}
    assert (told.message["Bcc"], told.message["Cc"]) == (None, None)
    assert "・Bcc: x@evil.example" in body(told.message)
    assert "・RCPT TO:<y@evil.example>" in body(told.message)


async def test_news_are_one_line_of_what_can_be_seen(officer: AtWork) -> None:
    await officer.login()
    for text in ("a\nb", "a\u2028b", "\u202eab", "a\u200bb", "\uf8ff"):
        page = await officer.submit(board.NEWS, {"once": "1", "day": "2026-11-24", "text": text})
        assert (page.status, await officer.made.count("news")) == (422, 0), ascii(text)


def cookie(officer: AtWork) -> str:
    [value] = [each.value for each in officer.browser.client.session.cookie_jar if each.key == own.COOKIE]
    return value


def carry(value: str, browser: AtWork) -> None:
    """The cookie in another browser."""
    client = browser.browser.client
    client.session.cookie_jar.update_cookies({own.COOKIE: value}, client.make_url("/"))


async def acts(officer: AtWork) -> list[str]:
    query = "SELECT act FROM officer_log ORDER BY id"
    return [act for (act,) in await officer.made.store.read(lambda db: db.execute(query).fetchall())]
