"""The limits of the table (`tests/procedure/table.py`), each at its length and one character beyond."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.search.settings import SearchRules, User
from tests.flow.portal_site import Page, Visitor, visitor
from tests.procedure.example import FORM, SEARCH, USER
from tests.procedure.lengths import limited, value
from tests.procedure.table import Field
from tests.unit.portal_world import world


def wrong(page: Page) -> list[str]:
    """The fields with a problem."""
    return re.findall(r'<div class="message" id="(\w+)-problem">', page.html)


def form(field: Field, typed: str) -> dict[str, str]:
    """The example with this in one field, and repeated where it is to be repeated."""
    return {
        **FORM,
        field.name: typed,
        **({f"{field.name}_again": typed} if field.of == "mail" else {}),
        "step": "confirm",
    }


@pytest.mark.parametrize("field", limited("利用者登録"), ids=lambda field: field.name)
async def test_a_field_of_the_form_takes_its_limit_and_no_more(person: Visitor, field: Field) -> None:
    assert field.limit is not None
    await person.login()
    await person.submit("/registration/search", SEARCH)
    taken = await person.submit("/registration/form", form(field, value(field, field.limit)))
    assert (taken.url, wrong(taken)) == ("/registration/confirm", [])
    refused = await person.submit("/registration/form", form(field, value(field, field.limit + 1)))
    assert wrong(refused) == [field.name]
    assert refused.value(field.name) == value(field, field.limit + 1)


@pytest.mark.parametrize("field", limited("資格審査情報検索"), ids=lambda field: field.name)
async def test_a_field_of_the_search_takes_its_limit_and_no_more(tmp_path: Path, field: Field) -> None:
    """Nothing is found by such values; only what the field itself says is counted."""
    assert field.limit is not None
    async with world(tmp_path) as made:
        made.configure(search=SearchRules(user=User.OPTIONAL))
        async with visitor(made) as person:
            await person.login()
            taken = await search(person, field, field.limit)
            assert f"(入力は{field.limit}文字)" not in taken.text
            refused = await search(person, field, field.limit + 1)
            assert wrong(refused) == [field.name]
            assert f"(入力は{field.limit + 1}文字)" in refused.text


async def search(person: Visitor, field: Field, length: int) -> Page:
    return await person.submit("/registration/search", {**SEARCH, **USER, field.name: value(field, length)})
