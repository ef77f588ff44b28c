"""Run as a user of Japanese name: a bridge of theirs signs for a page, all of it below their home folder."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.flow.bridge import prepare, statement


async def main() -> None:
    bridge = prepare(Path.home() / "電子入札 用")
    await bridge.start()
    bridge.plan("pin 1234", "pin 1234")
    async with bridge.page() as page, page.socket() as socket:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        signed = await page.result("sign", wanted)
        await socket.ask(1, "sign", wanted)
        by_socket = (await socket.reply(1))["result"]
    status = await bridge.stop()
    print(json.dumps({"posted": len(signed["statement"]), "sent": len(by_socket["statement"]), "status": status}))


if __name__ == "__main__":
    asyncio.run(main())
