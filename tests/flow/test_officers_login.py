"""Officers log in with a card that is on the list, apart from bidders in cookie, token, statement and visit."""

from __future__ import annotations

import pytest

from portal.registration.purposes import Purpose
from portal.store import officers
from portal.web import session as bidders
from portal.web.officers import door
from portal.web.officers import session as own
from tests.flow.officer_site import NAME, AtWork, allow, office, officer_card
from tests.flow.officer_site import officer as officer
from tests.flow.portal_site import visitor
from tests.unit import portal_pki as pki

PAGES = ("/officers", "/officers/registrations/R-000001", "/officers/registrations/R-000001/statements/00")


async def log(officer: AtWork) -> list[tuple[str, str]]:
    query = "SELECT who, act FROM officer_log ORDER BY id"
    return await officer.made.store.read(lambda db: db.execute(query).fetchall())


async def test_a_card_on_the_list_logs_in_and_out(officer: AtWork) -> None:
    page = await officer.login()
    assert (page.status, page.title) == (200, "利用者登録の検索")
    assert NAME in page.text
    assert await officer.made.count("statements") == 1  # the login's, as evidence
    ended = await officer.submit(door.END, {})
    assert (ended.url, ended.title) == (door.ENDED, "ログアウトしました")
    assert (await officer.get("/officers")).title == "担当者のログインが必要です"
    assert await officer.made.count("officer_sessions") == 0
    assert await log(officer) == [("test", "officer_added"), (NAME, "login"), (NAME, "logout")]


async def test_a_bidders_card_does_not(officer: AtWork) -> None:
    """It is trusted, and its signature holds; it is not on the list."""
    status, problem = await officer.try_login(officer.made.card)
    assert (status, problem["code"]) == (403, "officer_unknown")
    assert problem["next"]["href"] == "/officers/login"
    assert (await officer.get("/officers")).status == 403
    assert await officer.made.count("statements") == 0


async def test_a_card_of_the_same_issuer_and_serial_is_another_one(officer: AtWork) -> None:
    """The list was given the certificate itself: a second one by that number is not it."""
    twin = officer.made.authority.issue(900, key=pki.rsa_key("twin"))
    status, problem = await officer.try_login(twin)
    assert (status, problem["code"]) == (403, "officer_unknown")


async def test_the_first_login_under_a_number_binds_its_certificate(officer: AtWork) -> None:
    """Added by issuer and serial: whoever comes first with such a certificate is the one, and that is a line."""
    made = officer.made
    card, twin = officer_card(made, 905), made.authority.issue(905, key=pki.rsa_key("twin"))
    listed = await allow(made, card, "二人目", by_number=True)
    assert listed.certificate_sha256 is None
    async with visitor(made) as browser:
        second = AtWork(browser, card)
        await second.login()
        assert (await second.get("/officers/log")).text.count("証明書の確定") == 1
        assert f"SHA-256 {card.sha256}" in (await second.get("/officers/log")).text
        await second.submit(door.END, {})
        status, problem = await second.try_login(twin)
        assert (status, problem["code"]) == (403, "officer_unknown")
        await second.login()  # the one it was bound to, again
    assert [act for who, act in await log(officer) if who == "二人目"] == ["officer_bound", "login", "logout", "login"]
    # The same number again is the same person only once the old entry is gone (docs/officer-guide.ja.md).
    await made.store.write(lambda db: officers.remove(db, listed.id, "test", made.time))
    await allow(made, twin, "二人目", by_number=True)
    async with visitor(made) as browser, visitor(made) as elsewhere:
        await AtWork(browser, twin).login()
        assert (await AtWork(elsewhere, card).try_login())[1]["code"] == "officer_unknown"


async def test_a_login_that_is_refused_binds_nothing(officer: AtWork) -> None:
    made = officer.made
    card = officer_card(made, 905)
    listed = await allow(made, card, by_number=True)
    async with visitor(made) as browser:
        second = AtWork(browser, card)
        await second.get(door.LOGIN)
        asked = await second.begin(door.BEGIN, {})
        status, _ = await second.finish(door.FINISH, asked._replace(nonce="A" * len(asked.nonce)))
        assert status == 409
    assert listed in await made.store.read(officers.everyone)


async def test_a_renewed_card_is_added_beside_the_old_one(officer: AtWork) -> None:
    """ICカード更新 of an officer: the new card is an entry of its own, the old one goes on until it is removed."""
    renewed = officer_card(officer.made, 906)
    assert (await officer.try_login(renewed))[1]["code"] == "officer_unknown"
    await allow(officer.made, renewed)
    async with visitor(officer.made) as browser:
        await AtWork(browser, renewed).login()
    await officer.login()


async def test_a_revoked_card_does_not(officer: AtWork) -> None:
    officer.made.trust.crl(officer.made.authority.crl(900, number=8))
    officer.made.configure()
    async with visitor(officer.made) as browser:
        status, problem = await AtWork(browser, officer.card).try_login()
    assert (status, problem["code"]) == (400, "certificate_revoked")


@pytest.mark.parametrize("path", PAGES)
async def test_without_login_nothing_is_shown(officer: AtWork, path: str) -> None:
    await officer.made.register()
    page = await officer.get(path)
    assert (page.status, page.title) == (403, "担当者のログインが必要です")
    await officer.get(door.LOGIN)  # a visit alone is no login
    assert (await officer.get(path)).status == 403


async def test_a_login_is_short_and_use_prolongs_it(officer: AtWork) -> None:
    await officer.login()
    officer.made.wait(minutes=15)
    assert (await officer.get("/officers")).status == 200
    officer.made.wait(minutes=15)
    assert (await officer.get("/officers")).status == 200
    officer.made.wait(minutes=21)
    assert (await officer.get("/officers")).title == "担当者のログインが終わりました"


async def test_taking_somebody_off_the_list_ends_their_visit_at_once(officer: AtWork) -> None:
    await officer.login()
    store, now = officer.made.store, officer.made.time
    [listed] = await store.read(officers.everyone)
    assert await store.write(lambda db: officers.remove(db, listed.id, "test", now)) is not None
    assert (await officer.get("/officers")).title == "担当者のログインが終わりました"
    assert (await officer.try_login())[1]["code"] == "officer_unknown"
    assert await store.write(lambda db: officers.remove(db, listed.id, "test", now)) is None
    await allow(officer.made, officer.card)  # and back
    assert (await officer.login()).status == 200


# Bidders and officers


async def test_a_bidders_login_statement_is_no_officers(officer: AtWork) -> None:
    """Not even one by an officer's own card, nor one for the other door's nonce."""
    async with visitor(officer.made) as bidder:
        await bidder.get("/registration/menu")
        asked = await bidder.begin(f"login/{Purpose.INQUIRY}", {"division": ""})
        await officer.get(door.LOGIN)
        status, problem = await officer.finish(door.FINISH, asked)
        assert (status, problem["code"]) == (400, "statement_type")
        mine = await officer.begin(door.BEGIN, {})
        status, problem = await bidder.finish(f"login/{Purpose.INQUIRY}", officer.made.signed(mine, officer.card))
        assert (status, problem["code"]) == (400, "statement_type")
        dressed = mine._replace(type=asked.type, action=asked.action, payload=asked.payload)
        status, problem = await bidder.finish(f"login/{Purpose.INQUIRY}", officer.made.signed(dressed, officer.card))
        assert (status, problem["code"]) == (409, "nonce_unknown")
        dressed = asked._replace(type=mine.type, action=mine.action, payload=mine.payload)
        status, problem = await officer.finish(door.FINISH, dressed)
        assert (status, problem["code"]) == (409, "nonce_unknown")


async def test_neithers_cookie_opens_the_others_pages(officer: AtWork) -> None:
    await officer.login()
    async with visitor(officer.made) as bidder:
        await bidder.login()
        jar = officer.browser.client.session.cookie_jar
        [mine] = [each.value for each in jar if each.key == own.COOKIE]
        theirs = bidder.cookie
        bidder.client.session.cookie_jar.update_cookies({own.COOKIE: theirs}, bidder.client.make_url("/"))
        assert (await bidder.get("/officers")).title == "担当者のログインが終わりました"
        bidder.cookie = mine
        assert (await bidder.get("/registration/search")).status == 403
    assert own.COOKIE.startswith("__Host-")
    assert own.COOKIE != bidders.COOKIE


@pytest.mark.parametrize("token", ["", "x"])
async def test_a_post_without_its_token_is_refused(officer: AtWork, token: str) -> None:
    await officer.login()
    officer.browser.token = token
    assert (await officer.submit(door.END, {})).title == "画面が古くなっています"
    assert (await officer.get("/officers")).status == 200


async def test_a_post_with_a_bidders_token_or_from_elsewhere_is_refused(officer: AtWork) -> None:
    await officer.login()
    mine = officer.browser.token
    assert (await officer.submit(door.END, {}, Origin="https://evil.example")).title == "別のサイトからの送信です"
    await officer.get("/registration/menu")  # a bidder's visit in the same browser
    assert officer.browser.token != mine
    assert (await officer.submit(door.END, {})).title == "画面が古くなっています"


async def test_another_visits_nonce_is_refused(officer: AtWork) -> None:
    async with office(officer.made, 901) as other:
        await other.get(door.LOGIN)
        asked = await other.begin(door.BEGIN, {})
        await officer.get(door.LOGIN)
        status, problem = await officer.finish(door.FINISH, asked)
    assert (status, problem["code"]) == (409, "nonce_unknown")
