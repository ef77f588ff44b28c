"""The card host is a program that a setting names, and its frames are all that the daemon knows of it."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.card import channel
from bridge.cli import main
from tests.card_host import CardHost
from tests.flow.bridge import prepare, statement

SOURCE = Path(__file__).parents[1] / "virtual" / "host32.c"
OUR_HOST = [sys.executable, "-I", "-B", "-X", "utf8", "-m", "bridge.card.host"]


@pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux", reason="32-bit programs of this processor"
)
def test_a_32_bit_program_of_another_language_serves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    host, config = tmp_path / "host32", tmp_path / "bridge.toml"
    flags = ["-m32", "-ffreestanding", "-fno-stack-protector", "-nostdlib", "-static", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["gcc", *flags, str(SOURCE), "-o", str(host)], check=True)
    config.write_text(f'[card]\nhost = ["{host}"]\ndirectory = "{tmp_path}"\n', encoding="utf-8")
    assert main(["cards", "--config", str(config), "--json"]) == 0
    (token,) = json.loads(capsys.readouterr().out)
    assert token["label"] == "pointers of 4 bytes"


@pytest.mark.asyncio
async def test_the_host_that_a_setting_names_is_started_with_the_daemons_settings(tmp_path: Path) -> None:
    """A script in between, as a 32-bit interpreter would be; everything behind it is the real road."""
    script, bridge = tmp_path / "host.sh", prepare(tmp_path / "bridge")
    command = " ".join(f"'{part}'" for part in OUR_HOST)
    script.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nexec {command} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    await bridge.start(card={"host": [str(script)]})
    try:
        bridge.plan("pin 1234")
        async with bridge.page() as page:
            asked = {"certificate": await page.certificate(), "statement": statement()}
            signed = await page.result("sign", asked)
    finally:
        await bridge.stop()
    assert signed.keys() == {"statement", "receipt"}
    expected = f"--config {bridge.directory / 'bridge.toml'}"
    assert (tmp_path / "arguments").read_text(encoding="utf-8").strip() == expected


def test_a_host_that_is_not_there_is_a_failed_module(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "bridge.toml"
    config.write_text(f'[card]\nhost = ["{tmp_path}/absent"]\ndirectory = "{tmp_path}"\n', encoding="utf-8")
    assert main(["cards", "--config", str(config)]) == 1
    assert "module_failed" in capsys.readouterr().err


def test_frames_hold_nothing_that_depends_on_the_hosts_bitness(tmp_path: Path) -> None:
    """A whole signature, frame by frame: only what JSON carries exactly, and no handle of a library."""
    with_card = prepare(tmp_path)
    host = CardHost(with_card.directory, {"practice": True, "modules": []})
    host.start()
    host.plan("pin 1234")
    try:
        reply = host.ask("sign", origin="https://portal.example", certificate=host.certificate(), statement=statement())
    finally:
        host.stop()
    frames = [*host.events, reply]
    assert reply["result"].keys() == {"statement", "sha256"}
    numbers = [number for frame in frames for number in _numbers(frame)]
    assert all(type(number) is int and -(2**31) <= number < 2**31 for number in numbers)
    assert [channel.decode(channel.encode(frame)[4:]) for frame in frames] == frames


def _numbers(value: object) -> list[int | float]:
    match value:
        case bool():
            return []
        case int() | float():
            return [value]
        case dict():
            return [number for each in value.values() for number in _numbers(each)]
        case list():
            return [number for each in value for number in _numbers(each)]
    return []
