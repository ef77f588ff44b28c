"""Which proxy settings take localhost away: a real Chromium, a real proxy, and what the doctor says of them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.browser import chromium
from tests.flow.doctor import ask, settings
from tests.private_system import available, unshare

pytestmark = [
    pytest.mark.skipif(not available(), reason="needs a mount namespace for an administrator's files"),
    pytest.mark.skipif(not Path("/etc/chromium").is_dir(), reason="needs Chromium as Debian installs it"),
]
ENTER = 'mount --bind "$0" /etc/chromium && exec "$@"'
LOOPBACK = "<-loopback>"


class Road(NamedTuple):
    """A page's port on this computer, a proxy's, and what came to each."""

    page: int
    proxy: int
    direct: list[str]
    through_proxy: list[str]


@asynccontextmanager
async def road() -> AsyncIterator[Road]:
    lines: dict[str, list[str]] = {"page": [], "proxy": []}

    def server(name: str) -> Any:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines[name].append((await reader.readline()).decode("latin-1"))
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
            writer.close()

        return answer

    page = await asyncio.start_server(server("page"), "127.0.0.1", 0)
    proxy = await asyncio.start_server(server("proxy"), "127.0.0.1", 0)
    async with page, proxy:
        ports = (page.sockets[0].getsockname()[1], proxy.sockets[0].getsockname()[1])
        yield Road(*ports, lines["page"], lines["proxy"])


def fixed(port: int, **more: str) -> dict[str, Any]:
    return {"ProxyMode": "fixed_servers", "ProxyServer": f"127.0.0.1:{port}", **more}


def script(port: int) -> dict[str, Any]:
    text = f"function FindProxyForURL(url, host) {{ return 'PROXY 127.0.0.1:{port}'; }}"
    return {"ProxyMode": "pac_script", "ProxyPacUrl": f"data:application/x-ns-proxy-autoconfig,{text}"}


CASES: dict[str, tuple[Any, Any]] = {
    "variable": (lambda port: {"http_proxy": f"http://127.0.0.1:{port}"}, lambda port: {}),
    "variable that takes localhost": (
        lambda port: {"http_proxy": f"http://127.0.0.1:{port}", "no_proxy": LOOPBACK},
        lambda port: {},
    ),
    "policy": (lambda port: {}, fixed),
    "policy with a script": (lambda port: {}, script),
    "policy that takes localhost": (lambda port: {}, lambda port: fixed(port, ProxyBypassList=f"*.example,{LOOPBACK}")),
    "policy in one piece that takes localhost": (
        lambda port: {},
        lambda port: {"ProxySettings": fixed(port, ProxyBypassList=LOOPBACK)},
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_doctor_says_of_localhost_what_chromium_does(tmp_path: Path, case: str) -> None:
    rules = shutil.copytree("/etc/chromium", tmp_path / "chromium") / "policies" / "managed" / "proxy.json"
    rules.parent.mkdir(parents=True)
    around = [*unshare(), "sh", "-c", ENTER, str(tmp_path / "chromium")]
    async with road() as there:
        variables, policy = (make(there.proxy) for make in CASES[case])
        rules.write_text(json.dumps(policy), encoding="utf-8")
        await visit(around, tmp_path, f"http://localhost:{there.page}/here", variables)
        direct = [line for line in there.direct if "/here" in line]
        taken = [line for line in there.through_proxy if "/here" in line]
        assert bool(direct) is not bool(taken)
    told = await asyncio.to_thread(ask, settings(tmp_path), around=around, HOME=str(tmp_path), **variables)
    line = told.only("proxy")
    assert line.ok is bool(direct), line
    assert (LOOPBACK in line.en) is bool(taken)


async def visit(around: list[str], home: Path, address: str, variables: dict[str, str]) -> None:
    flags = [*chromium.FLAGS, "--headless", "--no-sandbox", "--dump-dom", f"--user-data-dir={home / 'profile'}"]
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **variables}
    process = await asyncio.create_subprocess_exec(
        *around, str(chromium.executable()), *flags, address,
        env=env, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await asyncio.wait_for(process.wait(), 120)
