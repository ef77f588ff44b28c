"""A running demo in a folder of its own: `card-bridge demo` as a newcomer starts it, on a screen of its own."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.desktop.display import Environment, display

PRACTICE_PIN = "1234"


class RunningDemo(NamedTuple):
    directory: Path
    portal: str
    """Address of the entrance."""
    pin: str
    anchor: Path
    screen: Environment
    hidden: bool
    """The card shows its certificate after the PIN alone."""
    practice: bool = False
    """It is the practice card, of which this computer has two."""

    @property
    def home(self) -> Path:
        """The home directory of the demo's browser, which trusts the demo's roots."""
        return self.directory / "browser"

    @property
    def mails(self) -> Path:
        """Where the demo's portal puts its mails."""
        return self.directory / "mails"

    def swap(self) -> None:
        """The other practice card into the reader, as the demo says. Raises CalledProcessError."""
        command = (sys.executable, "-X", "utf8", "-m", "bridge.cli", "practice", "swap")
        config = ("--config", str(self.directory / "bridge.toml"))
        subprocess.run([*command, *config], check=True, stdout=subprocess.DEVNULL)

    @property
    def database(self) -> Path:
        return self.directory / "portal.sqlite3"


@contextlib.contextmanager
def running_demo(card: str | None = None) -> Iterator[RunningDemo]:
    """Start it with the practice card, or over the real chain through pcscd and OpenSC: `virtual` (PIV), `jpki`."""
    with tempfile.TemporaryDirectory(prefix="demo-") as name, display("1280x1024") as screen:
        directory = Path(name)
        with (
            _card(directory, card) as (arguments, environment, pin),
            _started(directory, arguments, {**screen, **environment, "LANG": "ja_JP.UTF-8"}) as portal,
        ):
            anchor = next((directory / "trust" / "anchors").iterdir())
            yield RunningDemo(directory, portal, pin, anchor, screen, card == "jpki", card is None)


@contextlib.contextmanager
def _started(directory: Path, arguments: list[str], environment: Mapping[str, str]) -> Iterator[str]:
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "demo", "--no-browser", "--directory", str(directory)]
    process = subprocess.Popen(
        [*command, "--portal-port", str(free_port()), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(environment),
    )
    try:
        yield _portal_address(process)
    finally:
        process.terminate()
        process.wait(120)
        if process.stdout is not None:
            process.stdout.close()


def _portal_address(process: subprocess.Popen[str]) -> str:
    if process.stdout is not None:
        for line in process.stdout:
            if "open:" in line:
                return line.split()[-1]
    raise RuntimeError(f"the demo ended with status {process.wait()}")


@contextlib.contextmanager
def _card(directory: Path, card: str | None) -> Iterator[tuple[list[str], dict[str, str], str]]:
    """Arguments and environment for the demo, and the PIN."""
    if card is None:
        yield [], {}, PRACTICE_PIN
        return
    with virtual_chain(directory / "chain", "jpki" if card == "jpki" else "piv") as facts:
        described = directory / "card.json"
        described.write_text(json.dumps(facts), encoding="utf-8")
        yield ["--card", str(described)], facts["env"], facts["pin"]


@contextlib.contextmanager
def virtual_chain(directory: Path, kind: str = "piv") -> Iterator[dict[str, Any]]:
    """pcscd, reader and card in a process of their own; ends with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.virtual", "--directory", str(directory), "--kind", kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(120)
        process.stdout.close()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
