"""client/card-bridge.js in real Chromium, over real TLS, against a peer that speaks the wire."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser import site
from tests.browser.client_page import REFUSED, STATEMENT, TRIES, refuse, run, unanswered
from tests.browser.harness import Desk, Visitor, ring
from tests.browser.peer import HELLO, Peer, running_peer

pytestmark = ring


@pytest_asyncio.fixture(loop_scope="session")
async def page(visitor: Visitor, local_page: Page) -> Page:
    visitor.watch(local_page)
    await local_page.reload()  # first: a test may have bent the page's globals
    await local_page.evaluate("localStorage.clear()")
    return local_page


# Finding the bridge


async def test_connect_says_who_answers(page: Page, bridge_peer: Peer) -> None:
    assert await run(page, "return bridge.connect()", bridge_peer.port) == HELLO
    assert bridge_peer.heard == [{"id": 1, "method": "connect", "params": {}}]
    assert bridge_peer.origins == [page.url.rstrip("/")]


async def test_the_ports_are_those_of_the_protocol(page: Page) -> None:
    script = """async () => {
      const asked = [];
      globalThis.fetch = (url) => (asked.push(url), Promise.reject(new TypeError("closed")));
      const { CardBridge } = await import("/client/card-bridge.js");
      return [await new CardBridge().connect().catch((error) => error.code), asked];
    }"""
    addresses = [f"https://localhost:{port}/v1/connect" for port in range(22480, 22496)]
    assert await page.evaluate(script) == ["bridge_not_running", addresses]


async def test_a_bridge_on_a_later_port_is_found_and_remembered(
    page: Page, visitor: Visitor, bridge_peer: Peer
) -> None:
    with unanswered(9) as closed:
        visitor.expect(REFUSED)
        await run(page, "return bridge.connect()", *closed, bridge_peer.port)
        await page.reload()
        async with page.expect_request("**/v1/connect") as first:
            assert await run(page, "return bridge.connect()", *closed, bridge_peer.port) == HELLO
        assert (await first.value).url == f"https://localhost:{bridge_peer.port}/v1/connect"


async def test_a_port_that_hangs_is_given_up(page: Page, bridge_peer: Peer) -> None:
    with unanswered(accept=True) as silent:
        async with asyncio.timeout(20):
            assert await run(page, "return bridge.connect()", *silent, bridge_peer.port) == HELLO


async def test_a_server_that_is_no_bridge_is_passed_by(
    page: Page, visitor: Visitor, desk: Desk, bridge_peer: Peer
) -> None:
    visitor.expect("CORS policy|ERR_FAILED")
    async with site.served(site.pages(), desk.bridge_tls()) as foreign:
        assert await run(page, "return bridge.connect()", foreign, bridge_peer.port) == HELLO


async def test_another_users_bridge_is_passed_by(page: Page, desk: Desk, bridge_peer: Peer) -> None:
    async with running_peer(desk.bridge_tls()) as other:
        other.answers["connect"] = refuse("peer_refused")
        assert await run(page, "return bridge.connect()", other.port, bridge_peer.port) == HELLO


async def test_a_denied_origin_learns_so(page: Page, bridge_peer: Peer) -> None:
    bridge_peer.answers["connect"] = refuse("origin_denied", help="許可してください。")
    failed = (await run(page, "return bridge.connect()", bridge_peer.port))["failed"]
    assert (failed["code"], failed["help"]) == ("origin_denied", "許可してください。")


async def test_storage_that_is_switched_off_does_no_harm(page: Page, bridge_peer: Peer) -> None:
    blocked = "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('no') } })"
    await page.evaluate(blocked)
    assert await run(page, "return bridge.connect()", bridge_peer.port) == HELLO


# Calls, events, cancellation


async def test_a_signature_goes_out_and_comes_back_as_it_is(page: Page, bridge_peer: Peer) -> None:
    result = {"statement": "MIIB", "pinSession": "s1", "expiresAt": "2026-11-24T00:00:00Z"}
    bridge_peer.answers["sign"] = lambda _params: result
    params = {"certificate": "ab" * 32, "keepPinSession": True, "statement": STATEMENT}
    assert await run(page, "return bridge.sign(argument)", bridge_peer.port, argument=params) == result
    assert bridge_peer.heard[1:] == [{"id": 2, "method": "sign", "params": params}]


@pytest.mark.parametrize(
    ("call", "method", "params"),
    [
        ("readers()", "readers", {}),
        ("diagnose()", "diagnose", {}),
        ("certificates({ purpose: 'sign' })", "certificates", {"purpose": "sign"}),
        ("openPin({ certificate: 'ab', action: '署名' })", "pin/open", {"certificate": "ab", "action": "署名"}),
        ("closePin({ pinSession: 's1' })", "pin/close", {"pinSession": "s1"}),
    ],
)
async def test_each_method_has_its_name_on_the_wire(
    page: Page, bridge_peer: Peer, call: str, method: str, params: dict[str, str]
) -> None:
    bridge_peer.answers[method] = lambda _params: {"ok": True}
    assert await run(page, f"return bridge.{call}", bridge_peer.port) == {"ok": True}
    assert bridge_peer.heard[1] == {"id": 2, "method": method, "params": params}


async def test_a_problem_arrives_with_all_its_facts(page: Page, bridge_peer: Peer) -> None:
    texts = {"title": "PIN番号が違います", "detail": "あと2回です。", "help": "確かめて入力してください。"}
    bridge_peer.answers["sign"] = refuse("pin_wrong", retriable=True, tries=TRIES, **texts)
    failed = (await run(page, "return bridge.sign({})", bridge_peer.port))["failed"]
    assert failed == {"code": "pin_wrong", "status": 409, "retriable": True, "tries": TRIES, "document": None, **texts}


async def test_calls_at_once_share_one_connection(page: Page, bridge_peer: Peer) -> None:
    bridge_peer.answers["readers"] = lambda _params: {"is": "readers"}
    bridge_peer.answers["certificates"] = lambda _params: {"is": "certificates"}
    body = "return Promise.all([bridge.readers(), bridge.certificates(), bridge.readers()])"
    results = await run(page, body, bridge_peer.port)
    assert results == [{"is": "readers"}, {"is": "certificates"}, {"is": "readers"}]
    assert bridge_peer.methods.count("connect") == 1


async def test_events_reach_the_page(page: Page, bridge_peer: Peer) -> None:
    body = "globalThis.seen = new Promise((done) => bridge.addEventListener('cardRemoved', (e) => done(e.detail)))"
    await run(page, f"await bridge.connect(); {body}", bridge_peer.port)
    await bridge_peer.emit("cardInserted", reader="別")
    await bridge_peer.emit("cardRemoved", reader="練習用リーダー")
    assert await page.evaluate("globalThis.seen") == {"reader": "練習用リーダー"}


@pytest.mark.parametrize("method", ["connect", "sign"])
async def test_abort_cancels_at_the_bridge(page: Page, bridge_peer: Peer, method: str) -> None:
    bridge_peer.answers[method] = lambda _params: None  # a window is open and nobody answers
    arguments = "{}, { signal }" if method == "sign" else "{ signal }"
    start = f"""globalThis.stop = new AbortController(); const {{ signal }} = stop;
      globalThis.outcome = bridge.{method}({arguments}).catch((error) => [error.code, error.detail]);"""
    await run(page, start, bridge_peer.port)
    await bridge_peer.heard_method(method)
    assert await page.evaluate("stop.abort(), outcome") == ["aborted", "カードの操作を中止しました。"]
    await bridge_peer.heard_method("cancel")
    assert bridge_peer.heard[-1] == {"id": bridge_peer.heard[-2]["id"], "cancel": True}


async def test_a_signal_that_has_fired_calls_nobody(page: Page, bridge_peer: Peer) -> None:
    failed = await run(page, "return bridge.sign({}, { signal: AbortSignal.abort() })", bridge_peer.port)
    assert failed["failed"]["code"] == "aborted"
    assert bridge_peer.heard == []


async def test_one_callers_abort_leaves_the_others_connection(page: Page, bridge_peer: Peer) -> None:
    bridge_peer.answers["readers"] = lambda _params: {"readers": []}
    body = """const stop = new AbortController();
      const calls = [bridge.connect({ signal: stop.signal }), bridge.readers()];
      stop.abort();
      return Promise.all(calls.map((call) => call.catch((error) => error.code)));"""
    assert await run(page, body, bridge_peer.port) == ["aborted", {"readers": []}]


async def test_the_answer_to_a_cancelled_call_disturbs_nobody(page: Page, bridge_peer: Peer) -> None:
    bridge_peer.answers |= {"sign": lambda _params: {"statement": "late"}, "readers": lambda _params: {"readers": []}}
    body = """await bridge.connect();
      const stop = new AbortController();
      const signing = bridge.sign({}, { signal: stop.signal }).catch((error) => error.code);
      await Promise.resolve(); await Promise.resolve();
      stop.abort();
      return [await signing, await bridge.readers()];"""
    assert await run(page, body, bridge_peer.port) == ["aborted", {"readers": []}]


# A bridge that goes away


async def test_a_drop_is_told_and_the_next_call_connects_again(page: Page, bridge_peer: Peer) -> None:
    bridge_peer.answers["sign"] = lambda _params: {"statement": "MIIB"}
    closed = "globalThis.gone = new Promise((done) => bridge.addEventListener('closed', () => done('closed')))"
    await run(page, f"await bridge.connect(); {closed}", bridge_peer.port)
    await bridge_peer.drop()
    assert await page.evaluate("globalThis.gone") == "closed"
    assert await run(page, "return bridge.sign({})") == {"statement": "MIIB"}
    assert bridge_peer.methods == ["connect", "connect", "sign"]


async def test_a_question_is_asked_again_when_the_socket_drops_under_it(page: Page, bridge_peer: Peer) -> None:
    answers: Iterator[dict[str, Any] | None] = iter([None, {"readers": []}])
    bridge_peer.answers["readers"] = lambda _params: next(answers)
    await run(page, "globalThis.outcome = bridge.readers()", bridge_peer.port)
    await bridge_peer.heard_method("readers")
    await bridge_peer.drop()
    assert await page.evaluate("outcome") == {"readers": []}


async def test_a_signature_is_never_asked_for_twice(page: Page, bridge_peer: Peer) -> None:
    bridge_peer.answers["sign"] = lambda _params: None
    await run(page, "globalThis.outcome = bridge.sign({}).catch((error) => error.code)", bridge_peer.port)
    await bridge_peer.heard_method("sign")
    await bridge_peer.drop()
    assert await page.evaluate("outcome") == "bridge_not_running"
    assert bridge_peer.methods.count("sign") == 1


async def test_close_ends_calls_without_a_closed_event(page: Page, bridge_peer: Peer) -> None:
    bridge_peer.answers["sign"] = lambda _params: None
    body = """const events = [];
      bridge.addEventListener("closed", () => events.push("closed"));
      await bridge.connect();
      const signing = bridge.sign({}).catch((error) => error.code);
      await new Promise((done) => setTimeout(done, 50));
      bridge.close();
      return [await signing, events];"""
    assert await run(page, body, bridge_peer.port) == ["aborted", []]


# What portals load


async def test_the_client_is_small() -> None:
    source = (site.REPOSITORY / "client/card-bridge.js").read_bytes()
    assert len(gzip.compress(source)) <= 8 * 1024  # even with every comment


async def test_it_works_while_another_page_waits(page: Page, visitor: Visitor, bridge_peer: Peer) -> None:
    bridge_peer.answers["readers"] = lambda _params: {"readers": []}
    other = await visitor.open_in(page.context, page.url)
    pages = [run(one, "return bridge.readers()", bridge_peer.port) for one in (page, other)]
    assert await asyncio.gather(*pages) == [{"readers": []}, {"readers": []}]
