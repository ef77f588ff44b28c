"""Request bodies of another shape than the portal's own pages send: refused, and nothing else happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.flow.portal_site import Visitor
from tests.unit import portal_pki as pki


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.__dict__["facts"] for record in caplog.records if record.getMessage() == "refused"]


@pytest.mark.parametrize(
    "send",
    [
        lambda person: person.call("/api/login/registration/begin", ["x"]),
        lambda person: person.call("/api/login/registration/begin", {"division": "", "more": 1}),
        lambda person: person.call("/api/login/registration/finish", {"statement": "***"}),
        lambda person: person.call("/api/login/registration/finish", {"statement": "日本語"}),
        lambda person: person.call("/api/login/registration/finish", {"statement": 1}),
        lambda person: person.call("/api/login/registration/finish", {}),
    ],
)
async def test_bodies_of_another_shape(person: Visitor, send: Callable[[Visitor], Awaitable[tuple[int, Any]]]) -> None:
    await person.get("/registration/menu")
    status, problem = await send(person)
    assert (status, problem["code"]) == (400, "bad_request")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 20_000, b'"x"'])
async def test_bodies_that_are_not_json(person: Visitor, body: bytes) -> None:
    await person.get("/registration/menu")
    headers = {"Origin": pki.ORIGIN, "X-CSRF-Token": person.token, "Content-Type": "application/json"}
    async with person.client.post("/api/login/registration/begin", data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json(content_type=None))["code"] == "bad_request"


async def test_too_much_at_once(person: Visitor) -> None:
    await person.get("/registration/menu")
    status, problem = await person.call("/api/login/registration/finish", {"statement": "A" * 200_000})
    assert (status, problem["code"]) == (413, "too_large")
    status, problem = await person.finish("login/registration", b"0" * 65_537)
    assert (status, problem["code"]) == (413, "cms_size")


async def test_a_charset_that_nobody_knows(person: Visitor) -> None:
    await person.login()
    headers = {
        "Origin": pki.ORIGIN,
        "X-CSRF-Token": person.token,
        "Content-Type": "application/x-www-form-urlencoded; charset=klingon",
    }
    async with person.client.post("/registration/form", data=b"a=b", headers=headers) as response:
        assert response.status == 400
