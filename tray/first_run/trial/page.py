"""What the page of a site does in a browser, without one: the bridge sees its origin and asks the person."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tray.first_run.trial.site import ANSWER_SECONDS, Believed, Refusal, result, trusting
from tray.first_run.trial.stage import Stage


async def sign(stage: Stage, language: str, action: str) -> Believed:
    """Connect, ask for a certificate, have one statement signed and the site check it.

    Raises Refusal, aiohttp.ClientError, TimeoutError.
    """
    async with _session(stage, language) as bridge:
        await _asked(bridge, stage, "connect", {})
        listed = (await _asked(bridge, stage, "certificates", {"purpose": "sign"}))["certificates"]
        if not listed:
            raise Refusal({"code": "no_certificate"})
        asked = await _certificate(bridge, stage, listed[0], action)
        statement = await stage.site.request()
        signed = await _asked(bridge, stage, "sign", {**asked, "statement": statement})
        return await stage.site.check(signed["statement"], asked["certificate"])


async def _certificate(
    bridge: aiohttp.ClientSession, stage: Stage, found: dict[str, Any], action: str
) -> dict[str, Any]:
    """Of a token that shows its certificate only after the PIN, that comes first (docs/protocol.md, pin/open)."""
    if not found.get("locked"):
        return {"certificate": found["id"]}
    opened = await _asked(bridge, stage, "pin/open", {"card": found["card"], "action": action})
    return {"certificate": opened["certificate"]["id"], "pinSession": opened["pinSession"]}


@contextlib.asynccontextmanager
async def _session(stage: Stage, language: str) -> AsyncIterator[aiohttp.ClientSession]:
    # Neither proxies nor cookies: both ends are on this computer.
    headers = {"Origin": stage.site.origin, "Accept-Language": language}
    endless = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_SECONDS)
    connector = trusting(stage.bridge_root)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=endless) as session:
        yield session


async def _asked(bridge: aiohttp.ClientSession, stage: Stage, method: str, params: dict[str, Any]) -> dict[str, Any]:
    async with bridge.post(f"https://localhost:{stage.bridge}/v1/{method}", json=params) as response:
        return result(response.status, await response.json(content_type=None))
