"""The log of a whole road: every step leaves its line, and none holds what people typed or what their cards say."""

from __future__ import annotations

import json
import logging

import pytest

from portal.registration.purposes import Purpose
from portal.web.logs import Line
from tests.flow import renewal_steps as steps
from tests.flow.portal_site import Visitor
from tests.procedure.example import CERTIFICATE, CONTRACTOR
from tests.unit.portal_world import FORM, SEARCH

NEW = {"contact_person": "南西 花子", "company_phone": "083-934-2711"}


async def _register(person: Visitor) -> None:
    confirm = await person.fill()
    await person.finish("registration", person.made.signed(await person.statement(confirm)))
    for path in ("/registration/complete", "/registration/sheet"):
        assert (await person.get(path)).status == 200


async def _change(person: Visitor) -> None:
    await person.login(purpose=Purpose.CHANGE)
    confirm = await person.submit("/change", {**FORM, **NEW, "step": "confirm"})
    request = await person.begin("change", {"shown": confirm.data("shown")})
    assert (await person.finish("change", person.made.signed(request)))[0] == 200


async def _renew(person: Visitor) -> None:
    await person.login(purpose=Purpose.RENEWAL)
    card = steps.successor(person)
    await steps.hand_over(person, await person.submit("/renewal/handover", {"new": ""}))
    await steps.announce(person, card)
    assert (await steps.accept(person, await person.get("/renewal/confirm"), card))[0] == 200
    await person.get("/renewal/complete")


async def test_every_step_leaves_its_line_and_nobodys_data(person: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: list[str] = []
    for step in (_register, _change, _renew):
        await step(person)
        secrets += [person.cookie, person.token]
    await person.submit("/registration/end", {})

    lines = [Line().format(record) for record in caplog.records]
    events = [json.loads(line)["event"] for line in lines if '"portal.web"' in line]
    assert events == ["login", "accepted", "login", "accepted", "login", "handed over", "renewed"]
    certified = [CERTIFICATE[name] for name in ("holder", "organization", "address", "serial")]
    personal = {*FORM.values(), *NEW.values(), *SEARCH.values(), *CONTRACTOR.values(), *certified} - {"", "121"}
    everything = "\n".join(lines)
    assert [each for each in (*personal, *secrets) if each in everything] == []
