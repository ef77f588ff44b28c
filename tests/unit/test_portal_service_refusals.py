"""The portal's use cases where they say no: what is refused, and that nothing else has happened."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.refusals import Invalid
from portal.registration.purposes import Purpose
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, refused, world


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


async def test_a_registered_card_is_refused_before_anyone_signs(made: World) -> None:
    await made.register()
    assert await refused(made.portal.registrar.begin(await made.ready())) == "already_registered"


async def test_a_registered_card_is_refused_at_the_moment_of_writing(made: World) -> None:
    first, second = await made.ready(), await made.ready()
    one = await made.portal.registrar.begin(first)
    two = await made.portal.registrar.begin(second)
    await made.portal.registrar.finish(first, made.signed(one))
    assert await refused(made.portal.registrar.finish(second, made.signed(two))) == "already_registered"
    assert await made.count("registrations") == 1


async def test_a_changed_form_after_begin_is_not_what_was_signed(made: World) -> None:
    """The statement keeps to the page it was made for: what is stored is what was signed."""
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    await made.portal.drafts.save_form(session, {**FORM, "company_department": "総務部"})
    registration = await made.portal.registrar.finish(session, made.signed(request))
    assert registration.form["company_department"] == "営業部"
    assert registration.sections == request.payload["sections"]


async def test_refused_statements_write_nothing_but_the_refusal(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    foreign = pki.Authority(pki.ISSUER, pki.rsa_key("another authority")).issue()
    cases = {
        "cms_malformed": b"\x30\x00",
        "origin_mismatch": made.signed(request, origin="https://evil.example"),
        "audience_mismatch": made.signed(request, aud="https://other.example"),
        "payload_mismatch": made.signed(request, payload={**request.payload, "contractor": "000000102"}),
        "certificate_mismatch": made.signed(request, foreign),
    }
    for code, cms in cases.items():
        assert await refused(made.portal.registrar.finish(session, cms)) == code
    assert await made.count("registrations") == await made.count("companies") == await made.count("outbox") == 0
    assert await made.count("statements") == 1  # the login's
    codes = await made.store.read(lambda db: db.execute("SELECT code FROM refusals ORDER BY id").fetchall())
    assert [code for (code,) in codes] == list(cases)
    registration = await made.portal.registrar.finish(session, made.signed(request))  # and the right one still goes
    assert registration.company_id == "9991000000000001"


async def test_at_most_five_attempts(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    wrong = made.signed(request, payload={})
    for _ in range(5):
        assert await refused(made.portal.registrar.finish(session, wrong)) == "payload_mismatch"
    assert await refused(made.portal.registrar.finish(session, made.signed(request))) == "nonce_attempts"


async def test_an_expired_nonce(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    made.wait(minutes=15)
    assert await refused(made.portal.registrar.finish(session, made.signed(request))) == "nonce_expired"


async def test_a_nonce_of_another_session(made: World) -> None:
    mine, other = await made.ready(), await made.ready()
    request = await made.portal.registrar.begin(other)
    assert await refused(made.portal.registrar.finish(mine, made.signed(request))) == "nonce_unknown"


async def test_a_login_is_no_registration(made: World) -> None:
    session = await made.ready()
    request = await made.portal.visits.begin_login(session, Purpose.REGISTRATION)
    assert await refused(made.portal.registrar.finish(session, made.signed(request))) == "statement_type"


async def test_a_replayed_login(made: World) -> None:
    session = await made.portal.visits.start()
    cms = made.signed(await made.portal.visits.begin_login(session, Purpose.REGISTRATION))
    await made.portal.visits.finish_login(session, Purpose.REGISTRATION, cms)
    assert await refused(made.portal.visits.finish_login(session, Purpose.REGISTRATION, cms)) == "nonce_spent"
    assert (
        await refused(made.portal.visits.finish_login(await made.portal.visits.start(), Purpose.REGISTRATION, cms))
        == "nonce_unknown"
    )


async def test_a_card_revoked_between_login_and_registration(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    made.trust.crl(made.authority.crl(121, number=8))
    assert await refused(made.portal.registrar.finish(session, made.signed(request))) == "certificate_revoked"
    assert await made.count("registrations") == 0


async def test_evidence_is_kept_with_the_lists_it_names(made: World) -> None:
    await made.register()
    rows = await made.store.read(lambda db: db.execute("SELECT evidence FROM statements").fetchall())
    for (evidence,) in rows:
        recorded = json.loads(evidence)
        assert recorded["crls"][0]["number"] == "7"
        assert len(recorded["chain"]) == 2
        assert recorded["clockDeviationSeconds"] == 0
    lists = await made.store.read(lambda db: db.execute("SELECT der FROM revocation_lists").fetchall())
    assert lists == [((made.trust.folders.crls / "ca.crl").read_bytes(),)]


async def test_without_login_nothing_goes(made: World) -> None:
    session = await made.portal.visits.start()
    for waiting in (
        made.portal.search.find(session, SEARCH),
        made.portal.drafts.form(session),
        made.portal.drafts.save_form(session, FORM),
        made.portal.registrar.begin(session),
        made.portal.registrar.finish(session, b""),
        made.portal.registrar.registration(session),
    ):
        assert await refused(waiting) == "login_required"


async def test_without_search_no_form(made: World) -> None:
    assert await refused(made.portal.drafts.form(await made.login())) == "search_required"


async def test_an_incomplete_form_is_not_signed(made: World) -> None:
    session = await made.login()
    await made.portal.search.find(session, SEARCH)
    with pytest.raises(Invalid) as caught:
        await made.portal.registrar.begin(session)
    assert len(caught.value.problems) == 19


async def test_a_contractor_taken_out_meanwhile(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    await made.store.write(lambda db: db.execute("DELETE FROM contractors").rowcount)
    assert await refused(made.portal.registrar.finish(session, made.signed(request))) == "contractor_unknown"
    assert await made.count("registrations") == 0


async def test_logged_out_between_signing_and_sending(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    await made.portal.visits.end(session)
    assert await refused(made.portal.registrar.finish(session, made.signed(request))) == "nonce_unknown"
