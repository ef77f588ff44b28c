"""Every refusal carries a 問い合わせ番号 that is in the log beside its code, and the log holds nobody's data."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from portal import texts
from portal.refusals import Refused
from portal.registration.purposes import Purpose
from portal.search.settings import Numbers, SearchRules
from portal.verification.verdicts import Verdict
from portal.web import notices
from portal.web.logs import Line
from tests.flow.portal_site import Page, Visitor, visitor
from tests.flow.renewal_steps import encoded
from tests.flow.test_portal_verification import send
from tests.procedure.example import CERTIFICATE, CONTRACTOR
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import DOCUMENT, attached
from tests.unit.portal_world import FORM, SEARCH

PASSWORD = "himitsu-123"


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What every logger has written, as the portal's log has it."""
    return [Line().format(record) for record in caplog.records]


def refusals(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Number and code of each refusal in the log."""
    facts = [json.loads(line) for line in lines(caplog)]
    return [(each["inquiry"], each["code"]) for each in facts if each["event"] == "refused"]


def check_private(person: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing that was typed, that certificate or qualification data say, or that opens the visit."""
    certified = {CERTIFICATE[name] for name in ("holder", "organization", "address")}
    personal = {*FORM.values(), *SEARCH.values(), *CONTRACTOR.values(), *certified} - {""}
    everything = "\n".join(lines(caplog))
    assert [each for each in (*personal, person.cookie, person.token, PASSWORD) if each in everything] == []


async def begun(person: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    """Logged in, everything typed; from here on every logger is heard."""
    await person.fill()
    caplog.set_level(logging.DEBUG)


def refusing(person: Visitor, code: str) -> Callable[..., Awaitable[Any]]:
    """A use case that refuses with this code; `when` fills the texts that name a moment."""

    async def refuse(*_: Any, **__: Any) -> None:
        raise Refused(code, "a fact", person.made.time if "{when}" in notices.notice(code).detail else None)

    return refuse


async def test_every_code_has_its_number_on_the_page_and_in_the_log(
    person: Visitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(person, caplog)
    assert len(notices.codes()) > 60
    for code in sorted(notices.codes()):
        monkeypatch.setattr(person.made.portal.drafts, "draft", refusing(person, code))
        caplog.clear()
        page = await person.get("/registration/search")
        assert (page.status, page.title) == (notices.status(code), notices.notice(code).title), code
        assert refusals(caplog) == [(page.inquiry, code)]
        # Beside the number stands whom to give it to, where it is the agency; the foot of every page names it, too.
        contact = person.made.portal.settings.agency.contact.telephone
        assert page.text.count(contact) == 1 + (texts.whom(code) == "agency"), code
        check_private(person, caplog)


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_every_code_has_its_number_in_the_answer_to_a_script_and_in_the_log(
    person: Visitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    await begun(person, caplog)
    for code in sorted(notices.codes()):
        monkeypatch.setattr(person.made.portal.registrar, "begin", refusing(person, code))
        caplog.clear()
        status, problem = await person.call("/api/registration/begin", {"shown": ""}, **{"Accept-Language": language})
        when = person.made.time if "{when}" in notices.notice(code).detail else None
        assert (status, problem["code"], problem["title"], problem["help"]) == (
            *(notices.status(code), code),
            *(getattr(notices.notice(code, language, when), name) for name in ("title", "help")),
        )
        assert refusals(caplog) == [(problem["inquiry"], code)]
        check_private(person, caplog)


async def test_every_verdict_that_is_not_valid_has_its_number(
    person: Visitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(person, caplog)
    for code in sorted(texts.codes() - {"document_missing"}):  # which is a problem at its field

        async def judge(*_: Any, code: str = code) -> Verdict:
            return Verdict(person.made.time, Refused(code), None, None)

        person.made.wait(minutes=1)  # verifications are counted by the minute
        monkeypatch.setattr(person.made.portal.verification, "verify", judge)
        caplog.clear()
        page = await send(person, attached(DOCUMENT, person.made.card))
        assert texts.verdict(code).title in page.text
        assert refusals(caplog) == [(page.inquiry, code)]
        check_private(person, caplog)


# On the screens themselves, beside what was typed


async def _wrong_search(person: Visitor) -> Page:
    return await person.submit("/registration/search", {**SEARCH, "number": "1", "password": PASSWORD})


async def _wrong_form(person: Visitor) -> Page:
    return await person.submit("/registration/form", {**FORM, "company_phone": "", "step": "confirm"})


async def _many_searches(person: Visitor) -> Page:
    rules = SearchRules(numbers=Numbers.SECRET, attempts=1)
    person.made.configure(search=rules)
    async with visitor(person.made) as other:
        await other.login()
        for _ in range(2):
            page = await other.submit("/registration/search", {**SEARCH, "name": "別会社"})
        return page


async def _nothing_changed(person: Visitor) -> Page:
    await person.made.register()
    await person.login(purpose=Purpose.CHANGE)
    return await person.submit("/change", {**FORM, "step": "confirm"})


async def _wrong_change(person: Visitor) -> Page:
    await person.made.register()
    await person.login(purpose=Purpose.CHANGE)
    return await person.submit("/change", {**FORM, "company_phone": "", "step": "confirm"})


async def _second_card_that_cannot_be_the_new_one(person: Visitor) -> Page:
    await person.made.register()
    await person.login(purpose=Purpose.RENEWAL)
    other = person.made.authority.issue(131, pki.subject(holder="南西 花子"))
    return await person.submit("/renewal/handover", {"new": encoded(other)})


INLINE: dict[str, tuple[str, Callable[[Visitor], Awaitable[Page]]]] = {
    "a wrong search": ("form_incomplete", _wrong_search),
    "a wrong form": ("form_incomplete", _wrong_form),
    "a wrong change": ("form_incomplete", _wrong_change),
    "too many searches": ("search_limited", _many_searches),
    "nothing changed": ("nothing_changed", _nothing_changed),
    "a second card": ("new_card_other_holder", _second_card_that_cannot_be_the_new_one),
}


@pytest.mark.parametrize("case", INLINE)
async def test_a_refusal_on_a_screen_has_its_number_too(
    person: Visitor, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    code, reach = INLINE[case]
    await begun(person, caplog)
    page = await reach(person)
    assert refusals(caplog)[-1] == (page.inquiry, code)
    check_private(person, caplog)
