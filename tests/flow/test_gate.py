"""The gate on both doors: each rule refuses alone, in its order, before a body is read."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flow.bridge import ORIGIN, Bridge
from tests.flow.wire import GOOD, UPGRADE, changed, send

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_good_call_passes_through_both_doors(bridge: Bridge) -> None:
    reply = await send(bridge, "POST /v1/connect HTTP/1.1", GOOD)
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert reply.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert (await send(bridge, "GET /v1/ws HTTP/1.1", UPGRADE)).status == 101


HOSTS = [
    ("evil.example:{port}",),
    ("localhost",),
    ("localhost:1",),
    ("127.0.0.2:{port}",),
    ("localhost:{port}",) * 2,
    (),
]


@pytest.mark.parametrize("hosts", HOSTS)
@pytest.mark.parametrize("door", ["POST /v1/connect HTTP/1.1", "GET /v1/ws HTTP/1.1", "GET / HTTP/1.1"])
async def test_rule_2_host(bridge: Bridge, door: str, hosts: tuple[str, ...]) -> None:
    base = GOOD if door.startswith("POST") else UPGRADE
    reply = await send(bridge, door, changed(base, "Host", *hosts))
    # The parser itself may refuse a missing or repeated Host before our gate sees it (RFC 9112 §3.2).
    assert reply.status == 400 or (reply.status, reply.code) == (421, "host_refused")


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "[::1]:{port}", "LOCALHOST:{port}"])
async def test_rule_2_accepts_every_name_of_this_computer(bridge: Bridge, host: str) -> None:
    assert (await send(bridge, "POST /v1/connect HTTP/1.1", changed(GOOD, "Host", host))).status == 200


@pytest.mark.parametrize("target", ["https://localhost:{port}", "https://evil.example"])
@pytest.mark.parametrize("door", ["POST {}/v1/connect HTTP/1.1", "GET {}/v1/ws HTTP/1.1", "GET {}/ HTTP/1.1"])
async def test_rule_2_absolute_form_is_refused(bridge: Bridge, door: str, target: str) -> None:
    base = GOOD if door.startswith("POST") else UPGRADE
    reply = await send(bridge, door.format(target.format(port=bridge.port)), base)
    assert (reply.status, reply.code) == (421, "host_refused")


@pytest.mark.parametrize("modes", [("navigate",), ("no-cors",), ("same-origin",), ("websocket",), ("cors", "no-cors")])
async def test_rule_3_fetch_mode_of_a_post(bridge: Bridge, modes: tuple[str, ...]) -> None:
    assert (await send(bridge, "POST /v1/connect HTTP/1.1", [*GOOD, ("Sec-Fetch-Mode", "cors")])).status == 200
    sent = [*GOOD, *(("Sec-Fetch-Mode", mode) for mode in modes)]
    reply = await send(bridge, "POST /v1/connect HTTP/1.1", sent)
    assert (reply.status, reply.code) == (403, "origin_denied")


@pytest.mark.parametrize("modes", [("cors",), ("navigate",), ("no-cors",), ("same-origin",), ("websocket", "cors")])
async def test_rule_3_fetch_mode_of_a_socket(bridge: Bridge, modes: tuple[str, ...]) -> None:
    assert (await send(bridge, "GET /v1/ws HTTP/1.1", [*UPGRADE, ("Sec-Fetch-Mode", "websocket")])).status == 101
    reply = await send(bridge, "GET /v1/ws HTTP/1.1", [*UPGRADE, *(("Sec-Fetch-Mode", mode) for mode in modes)])
    assert (reply.status, reply.code) == (403, "origin_denied")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
async def test_rule_3_content_type(bridge: Bridge, kind: str | None) -> None:
    headers = changed(GOOD, "Content-Type", *([kind] if kind else []))
    assert (await send(bridge, "POST /v1/connect HTTP/1.1", headers)).code == "bad_request"


async def test_rule_3_two_content_types(bridge: Bridge) -> None:
    headers = changed(GOOD, "Content-Type", "application/json", "text/plain")
    reply = await send(bridge, "POST /v1/connect HTTP/1.1", headers)
    # The parser itself may refuse the second one before our gate sees it.
    assert reply.status == 400


ORIGINS = [(), ("null",), (ORIGIN, ORIGIN), ("http://portal.example",), ("https://portal.example/",), ("file://",)]


@pytest.mark.parametrize("origins", ORIGINS)
@pytest.mark.parametrize("door", ["POST /v1/connect HTTP/1.1", "GET /v1/ws HTTP/1.1"])
async def test_rule_4_origin(bridge: Bridge, door: str, origins: tuple[str, ...]) -> None:
    base = GOOD if door.startswith("POST") else UPGRADE
    assert (await send(bridge, door, changed(base, "Origin", *origins))).code == "origin_denied"


NEIGHBOURS = [
    "https://evil.example",
    "https://portal.example.evil.example",
    "https://sub.portal.example",
    "https://portal.example:8443",
    "https://portal.examplee",
]


@pytest.mark.parametrize("origin", NEIGHBOURS)
async def test_rule_5_exact_match_only(bridge: Bridge, origin: str) -> None:
    for method in ("connect", "certificates", "sign"):
        reply = await send(bridge, f"POST /v1/{method} HTTP/1.1", changed(GOOD, "Origin", origin))
        assert (reply.status, reply.code) == (403, "origin_denied")
        # only `connect` lets an unknown origin read the answer
        assert ("Access-Control-Allow-Origin" in reply.headers) == (method == "connect")
    async with bridge.page(origin) as page, page.socket() as socket:
        await socket.ask(1, "readers", {})
        assert (await socket.reply(1))["error"]["code"] == "origin_denied"


async def test_the_rules_hold_in_their_order(bridge: Bridge) -> None:
    wrong = [
        ("Host", "evil.example"),
        ("Origin", "null"),
        ("Content-Type", "text/plain"),
        ("Sec-Fetch-Mode", "navigate"),
    ]
    assert (await send(bridge, "POST /v1/nothing HTTP/1.1", wrong)).code == "host_refused"
    wrong[0] = ("Host", "localhost:{port}")
    assert (await send(bridge, "POST /v1/nothing HTTP/1.1", wrong)).code == "origin_denied"
    wrong.pop()
    assert (await send(bridge, "POST /v1/nothing HTTP/1.1", wrong)).code == "bad_request"
    wrong[2] = ("Content-Type", "application/json")
    assert (await send(bridge, "POST /v1/nothing HTTP/1.1", wrong)).code == "origin_denied"
    wrong[1] = ("Origin", ORIGIN)
    assert (await send(bridge, "POST /v1/nothing HTTP/1.1", wrong)).code == "unsupported"


STRANGER = """
import http.client, json, ssl, sys
port, headers = int(sys.argv[1]), json.loads(sys.argv[2])
for method, path in (("POST", "/v1/connect"), ("GET", "/v1/ws"), ("GET", "/"), ("GET", "/openapi.json")):
    door = http.client.HTTPSConnection("127.0.0.1", port, context=ssl._create_unverified_context())
    door.request(method, path, "{}" if method == "POST" else None, headers[method])
    reply = door.getresponse()
    print(reply.status, json.loads(reply.read())["code"])
"""


async def test_rule_1_another_os_user(bridge: Bridge) -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root to act as another OS user")
    wire = {"POST": GOOD, "GET": UPGRADE}
    headers = {method: {name: value.format(port=bridge.port) for name, value in wire[method]} for method in wire}
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    command = [*as_nobody, "/usr/bin/python3", "-I", "-c", STRANGER, str(bridge.port), json.dumps(headers)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    told = (await process.stdout.read()).decode().splitlines()
    await process.wait()
    assert told == ["403 peer_refused"] * 4


async def test_preflight(bridge: Bridge) -> None:
    headers = [("Host", "localhost:{port}"), ("Origin", ORIGIN), ("Sec-Fetch-Mode", "cors")]
    reply = await send(bridge, "OPTIONS /v1/sign HTTP/1.1", headers)
    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Methods"] == "POST"
    unknown = changed(headers, "Origin", "https://evil.example")
    assert (await send(bridge, "OPTIONS /v1/sign HTTP/1.1", unknown)).code == "origin_denied"
    assert (await send(bridge, "OPTIONS /v1/connect HTTP/1.1", unknown)).status == 204


async def test_the_probe_tells_any_site_that_a_bridge_is_here_and_nothing_else(bridge: Bridge) -> None:
    headers = [("Host", "localhost:{port}"), ("Origin", "https://unknown.example"), ("Sec-Fetch-Mode", "cors")]
    reply = await send(bridge, "HEAD /v1/connect HTTP/1.1", headers)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == "https://unknown.example"
    assert (await send(bridge, "HEAD /v1/connect HTTP/1.1", changed(headers, "Host", "evil.example"))).status == 421


async def test_pages_for_people_are_not_for_pages(bridge: Bridge) -> None:
    for path in ("/", "/openapi.json"):
        reply = await send(bridge, f"GET {path} HTTP/1.1", [("Host", "localhost:{port}"), ("Origin", ORIGIN)])
        assert reply.status == 200
        assert "Access-Control-Allow-Origin" not in reply.headers
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


async def test_there_is_no_plain_http(bridge: Bridge) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", bridge.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        assert not (await reader.read(100)).startswith(b"HTTP")
    except ConnectionResetError:
        pass
    finally:
        writer.close()


async def test_only_loopback_is_listened_on(bridge: Bridge) -> None:
    # proc(5): addresses as 32-bit words in host byte order
    assert listening_addresses(bridge.port) == {"0100007F", "00000000000000000000000001000000"}


def listening_addresses(port: int) -> set[str]:
    assert sys.platform == "linux"
    tables = (Path("/proc/net/tcp").read_text(encoding="ascii"), Path("/proc/net/tcp6").read_text(encoding="ascii"))
    rows = [row.split() for table in tables for row in table.splitlines()[1:]]
    return {row[1].rpartition(":")[0] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
