"""What page scripts and the portal say to each other: JSON bodies, certificates and signed statements in base64."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from aiohttp import web

from portal.refusals import Refused
from portal.signatures.signing import StatementRequest


def statement(request: StatementRequest) -> web.Response:
    """The statement to sign, as the page hands it to the bridge."""
    return web.json_response(request._asdict())


async def cms(request: web.Request) -> bytes:
    """The signed statement of {statement: base64 CMS}. Raises Refused (bad_request)."""
    match await body(request):
        case {"statement": str(encoded), **rest} if not rest:
            return decoded(encoded)
    raise Refused("bad_request", "expected exactly statement")


async def body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a body. Raises Refused (bad_request)."""
    if request.content_type != "application/json":
        raise Refused("bad_request", "not JSON")
    try:
        read = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise Refused("bad_request", "not JSON") from error
    if not isinstance(read, dict):
        raise Refused("bad_request", "not an object")
    return read


def decoded(text: str) -> bytes:
    """Bytes from base64. Raises Refused (bad_request)."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:  # ValueError: not ASCII
        raise Refused("bad_request", "not base64") from error
