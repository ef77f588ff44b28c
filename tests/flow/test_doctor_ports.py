"""What the doctor says of ports: whose they are, whether the bridge runs, and who stands beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from certs import context
from tests.flow.bridge import Bridge, prepare
from tests.flow.doctor import ask, settings

NOBODY = 65534
LISTEN = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listening:
    print(listening.getsockname()[1], flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def program(name: str, folder: Path, *around: str, port: int = 0) -> Iterator[int]:
    """A program of that file name that listens on a port of this computer."""
    folder.chmod(0o755)
    file = shutil.copy(Path(sys.executable).resolve(), folder / name)
    command = [*around, str(file), "-I", "-c", LISTEN, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate()


def as_nobody() -> list[str]:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root to act as another OS user")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as passing:
        return int(passing.getsockname()[1])


def test_a_free_port_and_no_bridge(tmp_path: Path) -> None:
    port = free_port()
    told = ask(settings(tmp_path, port=port))
    assert told.only("port") == (True, f"port {port} is free", f"ポート{port}を使えます")
    assert not told.only("bridge").ok
    assert "card-bridge run" in told.only("bridge").ja
    assert told.status == 1


def test_a_taken_port_is_told_with_the_program_that_has_it(tmp_path: Path) -> None:
    with program("old-relay", tmp_path) as port:
        line = ask(settings(tmp_path, port=port)).only("port")
    assert not line.ok
    assert f"old-relay ({port})" in line.en
    assert f"old-relay ({port})" in line.ja


def test_another_users_program_is_told_without_a_name_that_nobody_can_see(tmp_path: Path) -> None:
    """Run without the administrator's rights, as a person does."""
    with program("theirs", tmp_path) as port:
        config = settings(tmp_path, port=port)
        for folder in tmp_path.parents[:3]:
            folder.chmod(folder.stat().st_mode | 0o055)
        line = ask(config, around=as_nobody(), HOME="/nonexistent").only("port")
    assert (line.ok, f"a program of another user ({port})" in line.en) == (False, True)


async def test_the_own_bridge_is_found_and_another_users_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    bridge = prepare(tmp_path)
    await bridge.start(bridge={"port": free_port()})
    try:
        told = ask(bridge.directory / "bridge.toml")
        assert told.only("bridge") == (
            True,
            f"the bridge runs (port {bridge.port})",
            f"カードブリッジは動いています（ポート{bridge.port}）",
        )
        assert told.only("port").ok
        assert "other_user" not in told.lines
        others(bridge, tmp_path / "theirs")
    finally:
        await bridge.stop()


def others(bridge: Bridge, folder: Path) -> None:
    """The same bridge as another user of the computer sees it."""
    for each in (folder, *folder.parents[:4]):
        each.chmod(each.stat().st_mode | 0o055)
    os.chown(folder, NOBODY, NOBODY)
    told = ask(settings(folder, port=bridge.port), around=as_nobody(), HOME=str(folder))
    assert told.only("other_user").ok
    assert f"(port {bridge.port})" in told.only("other_user").en
    assert not told.only("bridge").ok
    assert not told.only("port").ok


async def test_the_persons_own_bridge_of_another_session_is_no_other_user(tmp_path: Path) -> None:
    """As on Windows, where a bridge refuses its own user's programs of another session."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"code": "peer_refused"}'
        writer.write(b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    context.ensure(tmp_path / "theirs", time.time())
    tls = context.server_context(tmp_path / "theirs")
    async with await asyncio.start_server(refuse, "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        told = await asyncio.to_thread(ask, settings(tmp_path, port=port))
    assert f"(port {port})" in told.only("other_session").en
    assert "other_user" not in told.lines
    assert not told.only("bridge").ok


def test_the_earlier_helper_beside_the_bridge_is_named_and_is_no_fault(tmp_path: Path) -> None:
    config = settings(tmp_path, port=free_port())
    assert "old_helper" not in ask(config).lines
    with program("EbidHelper", tmp_path, port=9980):
        line = ask(config).only("old_helper")
    assert line.ok
    assert "EbidHelper" in line.en
    assert "電子入札補助アプリ" in line.ja
