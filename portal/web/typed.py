"""What people typed, from a form's body, and what to show beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aiohttp import web

from portal.form import fields
from portal.form.fields import Field
from portal.refusals import Problem, Refused

FORM = "application/x-www-form-urlencoded"


class Filled(NamedTuple):
    """A screen's fields as typed and the problems at them, by field name; `inquiry` when something was refused."""

    typed: Mapping[str, str]
    problems: Mapping[str, Problem]
    inquiry: str | None = None


async def read(request: web.Request) -> dict[str, str]:
    """The fields of a form's body (application/x-www-form-urlencoded). Raises Refused (bad_request)."""
    if request.content_type != FORM:
        raise Refused("bad_request", "not a form")
    try:
        posted = await request.post()
    except (UnicodeDecodeError, LookupError) as error:  # bytes outside the charset it claims, or an unknown one
        raise Refused("bad_request", "charset") from error
    return {name: value for name, value in posted.items() if isinstance(value, str)}


def taken(given: Mapping[str, str], offered: Iterable[Field]) -> dict[str, str]:
    """The values that a person took by the buttons beside these fields (take:FIELD=VALUE)."""
    return {field.name: given[f"take:{field.name}"] for field in offered if f"take:{field.name}" in given}


def at_fields(problems: tuple[Problem, ...]) -> dict[str, Problem]:
    """The problems by field name, in the order of the screen."""
    return {problem.field: problem for problem in problems}


def status(filled: Filled) -> int:
    """The HTTP status of a screen: 422 while something is to be corrected."""
    return 422 if filled.inquiry is not None else 200


def copied(given: Mapping[str, str]) -> dict[str, str]:
    """The fields with 代表窓口情報 copied into ICカード利用部署情報 (同じ内容)."""
    target, source = f"{fields.CARD.name}_", f"{fields.CONTACT.name}_"
    same = {f"{target}{name.removeprefix(source)}": value for name, value in given.items() if name.startswith(source)}
    return {**given, **same}
