"""The road of the procedure through the use cases, and every way off it."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from portal.refusals import Invalid, Refused
from portal.registration.purposes import Purpose
from portal.store import State
from tests.procedure.example import CERTIFICATE, NAME, NUMBER, SIGNED, USER
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, refused, world


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


async def test_registers_as_in_the_procedure(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    cms = made.signed(request)
    registration = await made.portal.registrar.finish(session, cms)

    assert registration.company_id == "9991000000000001"
    assert registration.state is State.REGISTERED
    assert registration.sections == request.payload["sections"]
    assert registration.form == FORM
    assert (registration.serial, registration.issuer) == (CERTIFICATE["serial"], CERTIFICATE["issuer"])
    assert await made.store.stored_cms(registration.company_id) == [cms]
    assert await made.portal.registrar.registration(session) == registration
    mails = await made.store.read(lambda db: db.execute("SELECT recipient, subject, body FROM outbox").fetchall())
    assert [(mail[0], mail[1]) for mail in mails] == [
        (FORM["contact_mail"], "【山口市電子入札】利用者登録完了のお知らせ")
    ]
    assert registration.company_id in mails[0][2]


async def test_the_stored_cms_is_accepted_by_openssl(made: World) -> None:
    registration = await made.register()
    (cms,) = await made.store.stored_cms(registration.company_id)
    signed, authority = made.root / "signed.cms", made.root / "ca.pem"
    signed.write_bytes(cms)
    authority.write_bytes(made.authority.certificate.public_bytes(serialization.Encoding.PEM))
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(signed)]
    time = str(int(pki.NOW.timestamp()))
    done = subprocess.run(  # noqa: ASYNC221 - a test may wait for it
        [*command, "-CAfile", str(authority), "-attime", time, "-purpose", "any"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["payload"]["contractor"] == "000000101"


async def test_what_is_signed_is_the_confirm_page_in_the_procedures_order(made: World) -> None:
    payload = (await made.portal.registrar.begin(await made.ready())).payload
    assert payload["contractor"] == "000000101"
    sections = payload["sections"]
    assert sections == [
        {"label": label, "value": [{"label": name, "value": value} for name, value in lines]} for label, lines in SIGNED
    ]


async def test_a_password_is_neither_kept_nor_signed(made: World) -> None:
    session = await made.login()
    with pytest.raises(Invalid):
        await made.portal.search.find(session, {**SEARCH, "user_id": USER["user_id"], "password": "geheim-111111"})
    draft = await made.portal.drafts.draft(session)
    assert draft.search == {"number": NUMBER, "name": NAME, "user_id": USER["user_id"]}
    assert b"geheim-111111" not in _bytes_on_disk(made.root)


def _bytes_on_disk(root: Path) -> bytes:
    return b"".join(path.read_bytes() for path in root.glob("portal.sqlite3*"))


async def test_login_gives_a_new_session_and_ends_the_old(made: World) -> None:
    before = await made.portal.visits.start()
    request = await made.portal.visits.begin_login(before, Purpose.REGISTRATION)
    after = await made.portal.visits.finish_login(before, Purpose.REGISTRATION, made.signed(request))
    assert after.id != before.id
    assert after.csrf != before.csrf
    assert after.certificate == made.card.der
    assert await made.portal.visits.find(before.id) is None
    found = await made.portal.visits.find(after.id)
    assert found is not None
    assert found.certificate == made.card.der


async def test_the_database_holds_no_session_id(made: World) -> None:
    session = await made.login()
    assert session.id.encode() not in _bytes_on_disk(made.root)


async def test_a_session_ends_and_use_prolongs_it(made: World) -> None:
    session = await made.portal.visits.start()
    made.wait(minutes=45)
    assert await made.portal.visits.find(session.id) is not None
    made.wait(minutes=45)
    assert await made.portal.visits.find(session.id) is not None
    made.wait(minutes=61)
    assert await made.portal.visits.find(session.id) is None


async def test_what_was_typed_survives_restart_logout_and_the_sessions_end(made: World) -> None:
    session = await made.login()
    await made.portal.search.find(session, SEARCH)
    with pytest.raises(Invalid):
        await made.portal.drafts.save_form(session, {**FORM, "contact_mail": "a,b@example.co.jp"})
    await made.restart()
    same = await made.portal.visits.find(session.id)
    assert same is not None
    assert (await made.portal.drafts.form(same)).typed["contact_mail"] == "a,b@example.co.jp"
    await made.portal.visits.end(same)
    again = await made.login()
    form = await made.portal.drafts.form(again)
    assert form.contractor.name == "北東組株式会社"
    assert form.typed["contact_mail"] == "a,b@example.co.jp"


async def test_the_identical_cms_again_gives_the_same_registration(made: World) -> None:
    session = await made.ready()
    cms = made.signed(await made.portal.registrar.begin(session))
    first = await made.portal.registrar.finish(session, cms)
    assert await made.portal.registrar.finish(session, cms) == first
    made.wait(days=1)
    assert await made.portal.registrar.finish(await made.login(), cms) == first
    assert await made.count("outbox") == 1


async def test_a_double_click_gives_the_same_registration_twice(made: World) -> None:
    session = await made.ready()
    cms = made.signed(await made.portal.registrar.begin(session))
    both = await asyncio.gather(*(made.portal.registrar.finish(session, cms) for _ in range(4)))
    assert len({registration.company_id for registration in both}) == 1
    assert await made.count("outbox") == 1
    assert await made.count("refusals") == 0


async def test_two_tabs_do_not_undo_each_other(made: World) -> None:
    session = await made.login()
    await asyncio.gather(made.portal.search.find(session, SEARCH), made.portal.drafts.keep_form(session, FORM))
    form = await made.portal.drafts.form(session)
    assert (form.contractor.number, form.typed) == ("000000101", FORM)


async def test_another_card_cannot_fetch_a_registration_with_its_cms(made: World) -> None:
    session = await made.ready()
    cms = made.signed(await made.portal.registrar.begin(session))
    await made.portal.registrar.finish(session, cms)
    other = await made.login(made.authority.issue(122))
    assert await refused(made.portal.registrar.finish(other, cms)) == "nonce_unknown"


async def test_two_at_once_with_one_nonce(made: World) -> None:
    """Two different statements (two signings) over one nonce, sent together: one registration, one refusal."""
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    one, two = made.signed(request), made.signed(request, issuedAt="2026-11-24T01:02:04Z")
    results = await asyncio.gather(
        made.portal.registrar.finish(session, one),
        made.portal.registrar.finish(session, two),
        return_exceptions=True,
    )
    codes = [result.code for result in results if isinstance(result, Refused)]
    assert codes == ["nonce_spent"]
    assert await made.count("registrations") == await made.count("companies") == 1


@pytest.mark.parametrize(
    ("typed", "field", "suggestion"),
    [
        ({"number": "999999999"}, "number", None),
        ({"name": "別の株式会社"}, "name", None),
        ({"name": "北東組(株)"}, "name", "北東組株式会社"),
        ({"name": "北東組 株式会社"}, "name", "北東組株式会社"),
        ({"number": "００００００１０１"}, "number", "000000101"),
        ({"number": "123"}, "number", None),
        ({"password": "111111"}, "password", ""),
    ],
)
async def test_search_problems_stand_at_their_fields(
    made: World, typed: dict[str, str], field: str, suggestion: str | None
) -> None:
    session = await made.login()
    with pytest.raises(Invalid) as caught:
        await made.portal.search.find(session, {**SEARCH, **typed})
    (problem,) = caught.value.problems
    assert (problem.field, problem.suggestion) == (field, suggestion)
