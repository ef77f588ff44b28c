"""What the card host keeps from others, and what it does not let in."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.card.client import HostClient
from tests.flow.test_host_kills import children

LOADED_BY_ENVIRONMENT = ("LD_PRELOAD", "LD_AUDIT", "PYTHONPATH", "PYTHONSTARTUP")


@pytest_asyncio.fixture
async def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """The host's folder in /proc (proc(5)), started by a daemon into whose environment somebody has put libraries."""
    for name in LOADED_BY_ENVIRONMENT:
        monkeypatch.setenv(name, str(tmp_path / "not-there"))
    config = tmp_path / "bridge.toml"
    config.write_text(f'[card]\npractice = true\ndirectory = "{tmp_path}"\n', encoding="utf-8")
    client, others = HostClient(config, 30.0, 60.0, lambda event: None), children()
    await client.call("certificates", {})
    (pid,) = children() - others
    yield Path(f"/proc/{pid}")
    await client.close()


async def test_no_core_file_and_no_look_into_its_memory(host: Path) -> None:
    assert re.search(r"Max core file size +0 +0 ", (host / "limits").read_text(encoding="ascii"))
    if os.getuid() != 0:  # the files of a process that is not dumpable belong to root, who may look at everything
        with pytest.raises(PermissionError):
            (host / "mem").open("rb")


@pytest.mark.skipif(os.getuid() != 0, reason="the host's environment is for root alone, as its memory is")
async def test_nothing_is_loaded_into_it_by_the_environment(host: Path) -> None:
    named = {variable.partition(b"=")[0].decode() for variable in (host / "environ").read_bytes().split(b"\0")}
    assert "PATH" in named
    assert not named & set(LOADED_BY_ENVIRONMENT)
