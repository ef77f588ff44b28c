"""A signed statement over the WebSocket, PIN session open, beside the bare python-pkcs11 call on the same token."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks import audit
from benchmarks.bare_signer import bare_signer
from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from benchmarks.tokens import PIN, on_softhsm
from tests.flow.bridge import Page, Socket, statement

SIGNATURES, _WARMING = often(1000), 20


async def measure(directory: Path) -> list[Comparison]:
    async with on_softhsm(directory) as bridge, bridge.page() as page, page.socket() as socket:
        return [await _compare(page, socket), await audit.measure(directory)]


async def _compare(page: Page, socket: Socket) -> Comparison:
    certificate = await page.certificate()
    opened = await page.result("sign", statement_request(certificate, keepPinSession=True))
    bare: list[float] = []
    ours: list[float] = []
    with bare_signer(PIN) as sign:
        for number in range(SIGNATURES + _WARMING):
            bare.append(sign())
            ours.append(await _sign(socket, number, statement_request(certificate, pinSession=opened["pinSession"])))
    return Comparison(
        "Signed statement (RSA-2048), PIN session open",
        Series("bare python-pkcs11 sign", "ms", bare[_WARMING:]),
        Series("page → bridge → card → CMS (WebSocket)", "ms", ours[_WARMING:]),
    )


async def _sign(socket: Socket, number: int, request: dict[str, Any]) -> float:
    begin = time.perf_counter()
    await socket.ask(number, "sign", request)
    reply = await socket.reply(number)
    milliseconds = (time.perf_counter() - begin) * 1000
    assert "result" in reply, reply
    return milliseconds


def statement_request(certificate: str, **more: Any) -> dict[str, Any]:
    """To have a registration form of 28 fields signed, 3.4 kB of JSON."""
    lines = [{"label": f"項目{number}", "value": "北東市中央町2丁目3番4号"} for number in range(28)]
    payload = {"sections": [{"label": "企業情報", "value": lines}]}
    return {"certificate": certificate, "statement": statement(payload=payload), **more}
