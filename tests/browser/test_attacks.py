"""What hostile pages try in real Chromium against a real daemon, and what it costs them: nothing happens.

No address space is set apart here, so that the browser's own question about local access does not stand in for our
gate. Where a page cannot read its answer, the daemon's log says which rule refused it.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, Playwright

from certs import context
from tests.browser import chromium, site
from tests.browser.harness import ring
from tests.flow.bridge import Bridge, prepare, statement

pytestmark = ring

ALLOWED, EVIL, REBOUND = "https://allowed.test", "https://evil.test", "rebound.test"
CERTIFICATE: Final = "ab" * 32
# Each way to ask that a page has; what it could read of the answer, or the name of the error.
POST: Final = """async ([address, body, options]) => {
  try {
    const reply = await fetch(address, {method: "POST", body, ...options});
    return (await reply.json()).code ?? "done";
  } catch (error) { return error.name; }
}"""
JSON_BODY: Final = {"headers": {"content-type": "application/json"}}


class Victim(Bridge):
    """A daemon that may ask its person, who is watched by planned windows."""

    def refusals(self) -> list[str]:
        lines = (self.directory / "log" / "bridge.log").read_text(encoding="utf-8").splitlines()
        return [line["code"] for line in map(json.loads, lines) if line["event"] == "problem"]

    def windows(self) -> int:
        """How many windows of either kind came up."""
        consents = self.directory / "consents.jsonl"
        return len(self.questions()) + (len(consents.read_bytes().splitlines()) if consents.exists() else 0)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest_asyncio.fixture(loop_scope="session")
async def victim(home: Path, tmp_path: Path) -> AsyncIterator[Victim]:
    made = Victim(prepare(tmp_path).directory)
    made.fresh_card()
    await made.start(origins={"allowed": [ALLOWED], "locked": False}, tls={"directory": str(home / "tls")})
    yield made
    await made.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hostile(playwright: Playwright, home: Path) -> AsyncIterator[Browser]:
    """A browser for which the sites of this module exist."""
    root, tls = site.web_site(home, ["allowed.test", "evil.test"])
    chromium.trust(home, context.ensure(home / "tls", time.time()).root, root)

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=site.PAGE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", page)
    async with site.served(app, tls) as port:
        sites = [f"MAP {name}:443 127.0.0.1:{port}" for name in ("allowed.test", "evil.test", REBOUND)]
        rules = ",".join([*sites, f"MAP {REBOUND} 127.0.0.1"])
        running = await chromium.launch(playwright, home, more=[f"--host-resolver-rules={rules}"])
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def area(hostile: Browser) -> AsyncIterator[BrowserContext]:
    made = await hostile.new_context(locale="ja-JP")
    yield made
    await made.close()


async def visit(area: BrowserContext, address: str) -> Page:
    page = await area.new_page()
    await page.goto(address)
    return page


def sign_request() -> str:
    return json.dumps({"certificate": CERTIFICATE, "statement": statement(aud=ALLOWED)})


async def test_the_allowed_site_itself_gets_through(victim: Victim, area: BrowserContext) -> None:
    """Else nothing below would say anything."""
    page = await visit(area, ALLOWED)
    assert await page.evaluate(POST, [victim.url("/v1/connect"), "{}", JSON_BODY]) == "done"
    assert victim.refusals() == []


async def test_another_origin(victim: Victim, area: BrowserContext) -> None:
    page = await visit(area, EVIL)
    for method, body in (("sign", sign_request()), ("certificates", "{}"), ("readers", "{}")):
        assert await page.evaluate(POST, [victim.url(f"/v1/{method}"), body, JSON_BODY]) == "TypeError"
    assert await page.evaluate(POST, [victim.url("/v1/connect"), "{}", JSON_BODY]) == "origin_denied"
    assert set(victim.refusals()) == {"origin_denied"}
    assert (victim.windows(), victim.questions()) == (1, [])  # `connect` asked the person, who said no


async def test_a_sandboxed_frame_of_the_allowed_site(victim: Victim, area: BrowserContext) -> None:
    page = await visit(area, ALLOWED)
    await page.evaluate("""() => {
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts";
      frame.srcdoc = "<p>";
      document.body.append(frame);
    }""")
    frame = page.frames[1]
    assert await frame.evaluate("origin") == "null"
    for method in ("connect", "sign"):
        assert await frame.evaluate(POST, [victim.url(f"/v1/{method}"), "{}", JSON_BODY]) == "TypeError"
    assert set(victim.refusals()) == {"origin_denied"}
    assert victim.windows() == 0


@pytest.mark.parametrize("encoding", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_form_that_navigates(victim: Victim, area: BrowserContext, encoding: str) -> None:
    """Not even from the allowed site: no browser asks the person about a navigation."""
    page = await visit(area, ALLOWED)
    async with page.expect_navigation() as navigation:
        await page.evaluate(
            """([address, encoding, body]) => {
              const form = document.createElement("form");
              Object.assign(form, {method: "post", action: address, enctype: encoding});
              const field = document.createElement("input");
              Object.assign(field, {name: body.slice(0, -1), value: body.slice(-1)});
              form.append(field);
              document.body.append(form);
              form.submit();
            }""",
            [victim.url("/v1/sign"), encoding, sign_request()],
        )
    reply = await navigation.value
    assert reply is not None
    assert (reply.status, (await reply.json())["code"]) == (403, "origin_denied")
    assert victim.windows() == 0


async def test_posts_that_need_no_preflight(victim: Victim, area: BrowserContext) -> None:
    page = await visit(area, ALLOWED)
    address = victim.url("/v1/sign")
    plain = {"headers": {"content-type": "text/plain"}}
    assert await page.evaluate(POST, [address, sign_request(), plain]) == "bad_request"
    assert await page.evaluate(POST, [address, sign_request(), {**plain, "mode": "no-cors"}]) == "TypeError"
    assert await page.evaluate("([address, body]) => navigator.sendBeacon(address, body)", [address, sign_request()])
    assert await page.evaluate(POST, [victim.url("/v1/connect"), "{}", JSON_BODY]) == "done"
    assert set(victim.refusals()) == {"bad_request", "origin_denied"}
    assert victim.windows() == 0


async def test_a_name_that_was_bound_to_this_computer(victim: Victim, hostile: Browser) -> None:
    """DNS rebinding. TLS stops it; were the certificate ignored, the Host does."""
    address = f"https://{REBOUND}:{victim.port}/"
    strict = await hostile.new_context()
    page = await strict.new_page()
    with pytest.raises(Exception, match="ERR_CERT_COMMON_NAME_INVALID"):
        await page.goto(address)
    await strict.close()
    careless = await hostile.new_context(ignore_https_errors=True)
    page = await careless.new_page()
    reply = await page.goto(address)
    assert reply is not None
    assert reply.status == 421
    await page.goto(f"https://{REBOUND}/")  # what the name stood for before it was bound anew
    for method in ("connect", "sign"):
        assert await page.evaluate(POST, [f"{address}v1/{method}", sign_request(), JSON_BODY]) == "TypeError"
    await careless.close()
    assert set(victim.refusals()) == {"host_refused"}
    assert victim.windows() == 0


async def test_a_socket_from_another_origin(victim: Victim, area: BrowserContext) -> None:
    page = await visit(area, EVIL)
    script = """async ([address, messages]) => {
      const socket = new WebSocket(address), codes = [];
      await new Promise((resolve) => (socket.onopen = resolve));
      for (const message of messages) {
        const answered = new Promise((resolve) => (socket.onmessage = ({data}) => resolve(JSON.parse(data))));
        socket.send(JSON.stringify(message));
        codes.push((await answered).error?.code ?? "done");
      }
      return codes;
    }"""
    methods = ("readers", "certificates", "sign", "pin/open")
    messages = [{"id": number, "method": method, "params": {}} for number, method in enumerate(methods)]
    codes = await page.evaluate(script, [victim.url("/v1/ws", "wss"), messages])
    assert codes == ["origin_denied"] * 4
    assert victim.windows() == 0


@pytest.mark.parametrize("origin", [ALLOWED, EVIL])
async def test_the_status_page_in_a_frame(victim: Victim, area: BrowserContext, origin: str) -> None:
    page = await visit(area, origin)
    await page.evaluate(
        """(address) => new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.onload = resolve;
          frame.src = address;
          document.body.append(frame);
        })""",
        victim.url("/"),
    )
    [frame] = page.frames[1:]
    await frame.wait_for_url("chrome-error://chromewebdata/", wait_until="commit", timeout=20_000)


async def test_a_page_that_loops_connect(victim: Victim, area: BrowserContext) -> None:
    (victim.directory / "consent-plan").write_text("no", encoding="utf-8")
    page = await visit(area, EVIL)
    codes = [await page.evaluate(POST, [victim.url("/v1/connect"), "{}", JSON_BODY]) for _ in range(10)]
    assert codes == ["origin_denied"] * 10
    assert victim.windows() == 1


async def test_a_page_that_loads_itself_again_while_it_is_asked_about(victim: Victim, area: BrowserContext) -> None:
    (victim.directory / "consent-plan").write_text("wait\n" * 9, encoding="utf-8")
    page = await visit(area, EVIL)
    for _ in range(6):
        before = victim.windows()
        await page.evaluate(
            f"void fetch('{victim.url('/v1/connect')}', {{method: 'POST', body: '{{}}', headers:"
            " {'content-type': 'application/json'}}).then(() => (globalThis.answered = 1))"
        )
        for _ in range(400):
            if victim.windows() > before or await page.evaluate("globalThis.answered"):
                break
            await page.wait_for_timeout(25)
        await page.reload()
    assert victim.windows() == 3


async def test_an_allowed_page_that_loops_the_pin_window(victim: Victim, area: BrowserContext) -> None:
    """Allowed once, hostile since: three windows that the person closed, then silence."""
    page = await visit(area, ALLOWED)
    listed: dict[str, Any] = await page.evaluate(
        "(address) => fetch(address, {method: 'POST', body: '{}', headers: {'content-type': 'application/json'}})"
        ".then((reply) => reply.json())",
        victim.url("/v1/certificates"),
    )
    body = json.dumps({"certificate": listed["certificates"][0]["id"], "action": "ようこそ"})
    codes = [await page.evaluate(POST, [victim.url("/v1/pin/open"), body, JSON_BODY]) for _ in range(8)]
    assert codes == ["pin_cancelled"] * 3 + ["rate_limited"] * 5
    assert (len(victim.questions()), victim.tries_left) == (3, 3)
