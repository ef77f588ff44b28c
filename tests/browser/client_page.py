"""A page with card-bridge.js, and bridges that do not answer as they should."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any, Final

from playwright.async_api import Page

from tests.browser.harness import PORTAL
from tests.browser.peer import Problem

REFUSED: Final = "ERR_CONNECTION_REFUSED"
BLOCKED: Final = "Permission was denied|ERR_FAILED"
TRIES: Final = {"hint": "low", "count": 2, "max": 3, "source": "card"}
STATEMENT: Final = {
    "type": "login",
    "action": "ログイン",
    "aud": PORTAL,
    "nonce": "bm9uY2U",
    "payload": {"a": ["北東組", 1]},
}


async def run(page: Page, body: str, *ports: int, language: str = "ja", argument: object = None) -> Any:
    """Runs `body` with the page's client as `bridge`; a failure comes back as its fields under `failed`."""
    # The page's CSP forbids eval: what runs is put together here and enters by the debugging channel.
    script = f"""async ([options, argument]) => {{
      const {{ CardBridge, BridgeError }} = await import("/client/card-bridge.js");
      const bridge = (globalThis.bridge ??= new CardBridge(options));
      try {{ return await (async () => {{ {body} }})(); }} catch (error) {{
        if (!(error instanceof BridgeError)) throw error;
        const {{ code, title, detail, help, status, retriable, tries, document }} = error;
        return {{ failed: {{ code, title, detail, help, status, retriable, tries, document }} }};
      }}
    }}"""
    return await page.evaluate(script, [{"language": language, "ports": list(ports)}, argument])


@contextlib.contextmanager
def unanswered(count: int = 1, *, accept: bool = False) -> Iterator[list[int]]:
    """Ports where nobody answers: closed, or (`accept`) open and silent for ever."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for idle in sockets:
            idle.bind(("127.0.0.1", 0))
            if accept:
                idle.listen(64)
        yield [idle.getsockname()[1] for idle in sockets]


def refuse(code: str, **facts: Any) -> Any:
    def answer(_params: dict[str, Any]) -> None:
        raise Problem(code, **facts)

    return answer
