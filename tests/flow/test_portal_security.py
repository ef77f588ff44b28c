"""What holds for every answer and every POST: headers, cookie, CSRF token, origin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from portal.settings import Site
from portal.web.session import COOKIE
from tests.flow.portal_site import Visitor, practising, visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "connect-src 'self' https://localhost:* wss://localhost:*; frame-src card-bridge:; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/", "/registration/menu", "/registration/form", "/nope", "/api/clock"])
async def test_every_answer_carries_the_headers(person: Visitor, path: str) -> None:
    headers = (await person.get(path)).headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


async def test_static_files_are_revalidated(person: Visitor) -> None:
    for name, kind in {"base.css": "css", "menu.js": "javascript", "card-bridge.js": "javascript"}.items():
        page = await person.get(f"/static/{name}")
        assert page.status == 200
        assert page.headers["Cache-Control"] == "no-cache"
        # application/ or text/ as this Python has it; with nosniff, anything else would not run
        assert page.headers["Content-Type"].split(";")[0].split("/")[1] == kind
        assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert (await person.get("/static/../app.py")).status == 404
    assert (await person.get("/static/%2e%2e/app.py")).status == 404


async def test_hsts_is_for_real_hosts_and_withdrawn_on_localhost(person: Visitor) -> None:
    """On localhost it would reach every other program's http pages on this computer."""
    assert (await person.get("/")).headers["Strict-Transport-Security"] == "max-age=0"
    settings = replace(person.made.portal.settings, site=Site("https://ebid.example.jp", "https://ebid.example.jp"))
    async with visitor(person.made, settings) as elsewhere:
        assert (await elsewhere.get("/")).headers["Strict-Transport-Security"] == "max-age=63072000"


async def _menu(person: Visitor, **headers: str) -> ClientResponse:
    async with person.client.get("/registration/menu", headers=headers, allow_redirects=False) as response:
        return response


async def test_the_cookie_is_bound_to_this_host_and_renewed_at_login(person: Visitor) -> None:
    first = (await _menu(person)).cookies[COOKIE]
    assert COOKIE.startswith("__Host-")
    assert (first["path"], first["domain"], first["samesite"]) == ("/", "", "Strict")
    assert first["secure"]
    assert first["httponly"]
    assert first["max-age"] == first["expires"] == ""
    token = (await person.get("/registration/menu"), person.token)[1]
    await person.login()
    jar = person.client.session.cookie_jar.filter_cookies(person.client.make_url("/"))
    assert jar[COOKIE].value != first.value
    assert person.token != token


async def test_a_link_from_another_site_does_not_end_a_login(person: Visitor) -> None:
    """A Strict cookie stays behind there: the menu must not hand out a new one in its place."""
    response = await _menu(person, **{"Sec-Fetch-Site": "cross-site"})
    assert (response.status, response.headers["Location"]) == (303, "/registration")
    assert COOKIE not in response.cookies


async def test_visits_begin_at_the_menu_only(person: Visitor) -> None:
    for path in ("/", "/divisions", "/registration", "/registration/search", "/nope"):
        assert "Set-Cookie" not in (await person.get(path)).headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "https://localhost:22443.evil.example"])
async def test_a_post_from_elsewhere_is_refused(person: Visitor, origin: str) -> None:
    await person.login()
    page = await person.submit("/registration/search", SEARCH, Origin=origin)
    assert (page.status, page.title) == (403, "別のサイトからの送信です")
    status, problem = await person.call("/api/login/registration/begin", {"division": ""}, Origin=origin)
    assert (status, problem["code"]) == (403, "origin_refused")


async def test_a_post_without_origin_is_refused(person: Visitor) -> None:
    await person.login()
    async with person.client.post("/registration/search", data={"csrf": person.token, **SEARCH}) as response:
        assert response.status == 403


@pytest.mark.parametrize("token", ["", "x", "ｘ"])
async def test_a_post_without_its_token_is_refused(person: Visitor, token: str) -> None:
    await person.fill()
    for path, typed in {"/registration/form": {**FORM, "contact_fax": "x"}, "/registration/end": {}}.items():
        page = await person.submit(path, {**typed, "csrf": token})
        assert (page.status, page.title) == (403, "画面が古くなっています")
    for path in ("login/begin", "login/finish", "registration/begin", "registration/finish"):
        status, problem = await person.call(
            f"/api/{path}", {}, **{"X-CSRF-Token": token.encode("latin-1", "ignore").decode()}
        )
        assert (status, problem["code"]) == (403, "page_stale")
    assert (await person.get("/registration/form")).value("contact_fax") == FORM["contact_fax"]


async def test_the_token_of_another_visit_is_refused(person: Visitor) -> None:
    async with visitor(person.made) as other:
        await other.login(person.made.authority.issue(122))
        await person.login()
        person.token = other.token
        assert (await person.submit("/registration/search", SEARCH)).title == "画面が古くなっています"


async def test_no_page_has_inline_script_or_style(person: Visitor) -> None:
    pages = [await person.get(path) for path in ("/", "/divisions", "/registration", "/registration/menu")]
    pages += [await person.login(), await person.submit("/registration/search", SEARCH)]
    pages += [await person.submit("/registration/form", {**FORM, "step": "confirm"})]
    for page in pages:
        assert page.html.count("<script") == page.html.count('<script type="module" src="/static/')
        for forbidden in ("<style", " style=", " onclick=", "javascript:"):
            assert forbidden not in page.html
        assert page.html.count("<h1") == 1
        assert '<html lang="ja">' in page.html


async def test_the_practice_banner_is_a_setting(person: Visitor) -> None:
    assert "練習用の画面" not in (await person.get("/")).text
    async with visitor(person.made, practising(person.made.portal.settings)) as practice:
        assert "これは練習用の画面です。" in (await practice.get("/")).text


async def test_the_clients_script_can_be_set(person: Visitor, tmp_path: Path) -> None:
    script = tmp_path / "client.js"
    script.write_text("export const mine = 1;")
    site = Site(pki.ORIGIN, pki.AUDIENCE, client_script=script)
    async with visitor(person.made, replace(person.made.portal.settings, site=site)) as other:
        assert (await other.get("/static/card-bridge.js")).html == "export const mine = 1;"
