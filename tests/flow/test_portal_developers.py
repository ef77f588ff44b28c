"""/developers/ over HTTP: a statement to try, and what the portal makes of the signed one."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from portal import trial
from portal.signatures.signing import StatementRequest
from portal.web import developers
from tests.flow.portal_site import Visitor, practising, visitor
from tests.unit import portal_pki as pki
from tests.unit.portal_world import world


@pytest.fixture
async def person(tmp_path: Path) -> AsyncIterator[Visitor]:
    """A developer in front of a portal for practice."""
    async with world(tmp_path) as made, visitor(made, practising(made.portal.settings)) as opened:
        yield opened


async def asked(person: Visitor, **headers: str) -> tuple[int, dict[str, Any]]:
    sent = {"Origin": pki.ORIGIN, **headers}
    async with person.client.post("/developers/request", headers=sent) as response:
        return response.status, await response.json(content_type=None)


async def told(person: Visitor, cms: bytes | str, language: str = "ja") -> tuple[int, dict[str, Any]]:
    """What the script gets for the text that it posts."""
    text = cms if isinstance(cms, str) else base64.b64encode(cms).decode()
    sent = {"Origin": pki.ORIGIN, "Accept-Language": language}
    async with person.client.post("/developers/statement", data=text, headers=sent) as response:
        return response.status, await response.json(content_type=None)


def signed(person: Visitor, request: dict[str, Any], **replaced: Any) -> bytes:
    return person.made.signed(StatementRequest(**request, confirmation=""), **replaced)


async def test_a_signed_statement_is_told_with_its_signer_and_nothing_is_kept(person: Visitor) -> None:
    _, request = await asked(person)
    assert set(request) == {"type", "action", "aud", "nonce", "payload"}  # what the bridge takes, and no more
    status, answer = await told(person, signed(person, request))
    assert status == 200
    claims = answer["claims"]
    assert {key: claims[key] for key in request} == request
    assert (claims["origin"], claims["cert"]) == (pki.ORIGIN, {"sha256": person.made.card.sha256})
    assert answer["signer"]["serial"] == str(person.made.card.certificate.serial_number)
    assert [await person.made.count(table) for table in ("nonces", "registrations", "sessions")] == [0, 0, 0]


async def test_a_nonce_is_good_once_and_for_its_time(person: Visitor) -> None:
    cms = signed(person, (await asked(person))[1])
    assert (await told(person, cms))[0] == 200
    status, problem = await told(person, cms)
    assert (status, problem["code"]) == (409, "nonce_unknown")
    late = signed(person, (await asked(person))[1])
    person.made.wait(minutes=16)
    assert (await told(person, late))[1]["code"] == "nonce_expired"


@pytest.mark.parametrize(
    ("replaced", "code"),
    [
        ({"origin": "https://elsewhere.example"}, "origin_mismatch"),
        ({"type": "registration"}, "statement_type"),
        ({"payload": {}}, "payload_mismatch"),
    ],
)
async def test_what_was_not_asked_for_is_refused(person: Visitor, replaced: dict[str, Any], code: str) -> None:
    _, request = await asked(person)
    assert (await told(person, signed(person, request, **replaced)))[1]["code"] == code


async def test_its_statement_registers_nobody(person: Visitor) -> None:
    """What was signed here is of another type than anything that the procedure takes."""
    login = await person.made.portal.visits.start()
    cms = signed(person, (await asked(person))[1])
    await person.get("/registration/menu")
    assert login.certificate is None
    assert (await person.finish("login/registration", cms))[1]["code"] == "statement_type"


async def test_a_refusal_is_told_in_the_persons_language(person: Visitor) -> None:
    for language, title in (("ja", "送信された内容を読み取れません"), ("en", "The request cannot be read")):
        status, problem = await told(person, "not base64!", language)
        assert (status, problem["code"], problem["title"]) == (400, "bad_request", title)


async def test_a_body_in_no_charset_that_there_is_is_no_base64(person: Visitor) -> None:
    sent = {"Origin": pki.ORIGIN, "Content-Type": "text/plain;charset=nonsense"}
    async with person.client.post("/developers/statement", data="署名".encode(), headers=sent) as response:
        assert (response.status, (await response.json(content_type=None))["code"]) == (400, "bad_request")


async def test_another_sites_page_gets_no_statement(person: Visitor) -> None:
    status, problem = await asked(person, Origin="https://elsewhere.example")
    assert (status, problem["code"]) == (403, "origin_refused")


async def test_the_oldest_nonce_gives_way(person: Visitor) -> None:
    first = signed(person, (await asked(person))[1])
    for _ in range(trial.OPEN):
        last = person.made.portal.trial.request()
    assert (await told(person, first))[1]["code"] == "nonce_unknown"
    assert (await told(person, person.made.signed(last)))[0] == 200


async def test_the_page_shows_the_script_that_it_runs(person: Visitor) -> None:
    sent = await person.get("/static/first-statement.js")
    assert sent.html == developers.script() == "".join(part.code for part in developers.parts(_parts()))
    assert "&#34;" in (await person.get("/developers/")).html  # as text, not as markup


def _parts() -> Any:
    return developers.texts()["en"]["parts"]


async def test_its_language_is_the_addresss_or_the_browsers(person: Visitor) -> None:
    for path, accepts, title in (
        ("/developers/", "ja", "はじめての署名"),
        ("/developers/", "en-GB,en;q=0.9", "A first signed statement"),
        ("/developers/?language=en", "ja", "A first signed statement"),
        ("/developers/?language=xx", "ja", "はじめての署名"),
        ("/developers", "ja", "はじめての署名"),
    ):
        page = await person.get(path, **{"Accept-Language": accepts})
        assert (page.status, page.title) == (200, title)


def test_both_languages_say_the_same_things() -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(each) for name, each in value.items()}
        return [shape(each) for each in value] if isinstance(value, list) else type(value)

    texts = developers.texts()
    assert shape(texts["ja"]) == shape(texts["en"])


async def test_an_agencys_portal_has_no_such_page(tmp_path: Path) -> None:
    async with world(tmp_path) as made, visitor(made) as person:
        assert (await person.get("/developers/")).status == 404
        assert (await asked(person))[0] == 404
