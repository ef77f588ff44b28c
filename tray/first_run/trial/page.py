"""What the practice portal's page does in a browser, without one: the bridge sees its origin and asks the person."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp

from tray.first_run.trial.stage import Stage

_ANSWER_SECONDS: Final = 30.0
"""For the portal. A person's time is not limited here: windows end by themselves."""


class Refusal(Exception):
    """A problem of the bridge or the portal, in the person's language: `code`, and what happened and what to do."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.code = str(problem.get("code", ""))
        said = (problem.get(key) for key in ("title", "detail", "help"))
        super().__init__("\n".join(str(text) for text in said if text))


async def sign(stage: Stage, language: str, action: str) -> dict[str, Any]:
    """Connect, ask for a certificate, have one statement signed and the portal check it; its answer.

    Raises Refusal, aiohttp.ClientError, TimeoutError.
    """
    async with _session(stage, stage.bridge_root, language) as bridge:
        await _asked(bridge, stage, "connect", {})
        listed = (await _asked(bridge, stage, "certificates", {"purpose": "sign"}))["certificates"]
        if not listed:
            raise Refusal({"code": "no_certificate"})
        asked = await _certificate(bridge, stage, listed[0], action)
        async with _session(stage, stage.portal_root, language) as portal:
            statement = await _posted(portal, f"{stage.portal}/developers/request", b"")
            signed = await _asked(bridge, stage, "sign", {**asked, "statement": statement})
            return await _posted(portal, f"{stage.portal}/developers/statement", signed["statement"].encode())


async def _certificate(
    bridge: aiohttp.ClientSession, stage: Stage, found: dict[str, Any], action: str
) -> dict[str, Any]:
    """Of a token that shows its certificate only after the PIN, that comes first (docs/protocol.md, pin/open)."""
    if not found.get("locked"):
        return {"certificate": found["id"]}
    opened = await _asked(bridge, stage, "pin/open", {"card": found["card"], "action": action})
    return {"certificate": opened["certificate"]["id"], "pinSession": opened["pinSession"]}


@contextlib.asynccontextmanager
async def _session(stage: Stage, root: Path, language: str) -> AsyncIterator[aiohttp.ClientSession]:
    # Neither proxies nor cookies: both ends are on this computer.
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(root)))
    headers = {"Origin": stage.portal, "Accept-Language": language}
    endless = aiohttp.ClientTimeout(total=None, sock_connect=_ANSWER_SECONDS)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=endless) as session:
        yield session


async def _asked(bridge: aiohttp.ClientSession, stage: Stage, method: str, params: dict[str, Any]) -> dict[str, Any]:
    async with bridge.post(f"https://localhost:{stage.bridge}/v1/{method}", json=params) as response:
        return _result(response.status, await response.json(content_type=None))


async def _posted(portal: aiohttp.ClientSession, address: str, body: bytes) -> dict[str, Any]:
    patience = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
    async with portal.post(address, data=body, timeout=patience) as response:
        return _result(response.status, await response.json(content_type=None))


def _result(status: int, body: dict[str, Any]) -> dict[str, Any]:
    if status != 200:
        raise Refusal(body)
    return body
