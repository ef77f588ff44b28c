"""Files that a person chose in a form (multipart/form-data): read in memory within limits, kept nowhere."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import BadHttpMessage

from portal.refusals import Invalid, Problem, Refused
from portal.verification.settings import VerificationLimits

MAX_NAME = 200  # characters of a file's name that a page shows
_CHUNK = 64 * 1024
_MEGABYTE = 1024 * 1024


class File(NamedTuple):
    """A chosen file; `name` is the browser's word for it, fit to be shown."""

    name: str
    data: bytes


async def read(request: web.Request, labels: Mapping[str, str], limits: VerificationLimits) -> dict[str, File]:
    """The files by field, of the fields in `labels`; one that was left empty is not there.

    Raises Refused (bad_request, upload_slow), Invalid (a file is too large).
    """
    try:
        async with asyncio.timeout(limits.upload_seconds):
            return await _read(request, labels, limits.max_bytes)
    except TimeoutError as error:
        raise Refused("upload_slow") from error
    # ConnectionError: the browser has gone; the others: what aiohttp's reader says of a body that is not multipart
    except (ConnectionError, ValueError, RuntimeError, BadHttpMessage) as error:
        raise Refused("bad_request", type(error).__name__) from error


async def _read(request: web.Request, labels: Mapping[str, str], limit: int) -> dict[str, File]:
    if request.content_type != "multipart/form-data":
        raise Refused("bad_request", "not a form with files")
    found: dict[str, File] = {}
    async for part in await request.multipart():
        name = part.name if isinstance(part, BodyPartReader) else None
        if not isinstance(part, BodyPartReader) or name is None or name not in labels or name in found:
            raise Refused("bad_request", "a field that is not asked for")
        data = await _data(part, limit, Problem(name, labels[name], _too_large(limit)))
        if part.filename:  # empty where nothing was chosen
            found[name] = File(shown(part.filename), data)
    return found


async def _data(part: BodyPartReader, limit: int, problem: Problem) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        data += chunk
        if len(data) > limit:
            raise Invalid((problem,))
    return bytes(data)


def _too_large(limit: int) -> str:
    return f"ファイルが大きすぎます。{limit / _MEGABYTE:.3g}MBまでのファイルを選んでください。"


def shown(name: str) -> str:
    """The last part of a path, without characters that would redraw the line it stands in."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs"))[:MAX_NAME]
