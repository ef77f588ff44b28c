"""A real card host as a process of the test's own: driven over its pipe, with a planned PIN window."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.card import channel
from bridge.card.process.child_environment import inherited
from bridge.card.process.freed_memory import ENVIRONMENT

WINDOW = Path(__file__).parent / "flow" / "planned_window.py"
ORIGIN = "https://portal.example"
Reply = dict[str, Any]


class Died(Exception):
    """The host ended before it answered."""


class CardHost:
    """`directory` holds settings, ledger and practice card; hosts come and go in it, each with a desk of its own.

    A window of a host that was killed may still be about to read its plan: it must not find the next host's.
    """

    def __init__(self, directory: Path, card: Mapping[str, Any], pin: Mapping[str, Any] | None = None) -> None:
        self.directory = directory
        self.ledger = directory / "card" / "ledger.json"
        self.events: list[Reply] = []
        self._card, self._pin = dict(card), dict(pin or {})
        self._desk = directory
        self._hosts = self._number = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, key: str | None = None, **environment: str) -> None:
        """`key`: the daemon's fingerprint key (hex), another one by default: another daemon."""
        command = [sys.executable, "-I", "-B", "-X", "utf8", "-m", "bridge.card.host"]
        self._process = subprocess.Popen(
            [*command, "--config", str(self.settings())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=inherited() | ENVIRONMENT | environment,
        )
        self._send({"hello": {"fingerprintKey": key or secrets.token_hex(32)}})

    def ask(self, method: str, **params: Any) -> Reply:
        """`{"result"}` or `{"error"}`. Raises Died."""
        self.begin(method, **params)
        return self.reply()

    def begin(self, method: str, **params: Any) -> int:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        return self._number

    def notify(self, method: str) -> None:
        """What needs no answer, beside the request that is under way."""
        self._send({"id": 0, "method": method, "params": {}})

    def cancel(self, number: int) -> None:
        self._send({"cancel": number})

    def reply(self) -> Reply:
        """To the last request; what comes before it is kept in `events`."""
        while True:
            frame = self._receive()
            if frame.get("id") == self._number and "event" not in frame:
                return frame
            self.events.append(frame)

    def event(self, name: str) -> Reply:
        """Wait for the next event of that name."""
        while True:
            frame = self._receive()
            self.events.append(frame)
            if frame.get("event") == name:
                return frame

    def kill(self) -> None:
        """SIGKILL: nothing of what it still wanted to do is done."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._gone()

    def stop(self) -> None:
        """The end of its pipe, as when the daemon stops."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._gone()

    def certificate(self) -> str:
        (token,) = self.ask("certificates")["result"]["tokens"]
        return str(token["certificates"][0]["id"])

    def settings(self) -> Path:
        """Of the next host, with a desk of its own."""
        self._hosts += 1
        self._desk = self.directory / f"desk-{self._hosts}"
        self._desk.mkdir()
        sections = {
            "bridge": {"language": "ja"},
            "card": {"directory": str(self.directory / "card"), **self._card},
            "pin": {"window": [sys.executable, str(WINDOW), str(self._desk)], **self._pin},
        }
        lines = [
            line
            for name, values in sections.items()
            for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
        ]
        file = self._desk / "bridge.toml"
        file.write_text("\n".join(lines), encoding="utf-8")
        return file

    def plan(self, *steps: str) -> None:
        (self._desk / "plan").write_text("\n".join(steps), encoding="utf-8")

    def go(self) -> None:
        """The person who was to answer `later` does so now."""
        (self._desk / "go").touch()

    def questions(self) -> list[Reply]:
        """What this host's windows were asked."""
        path = self._desk / "questions.jsonl"
        return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []

    def _gone(self) -> None:
        process, self._process = self._process, None
        assert process is not None
        process.wait(30)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what had not been sent to a dead host yet

    def _send(self, frame: channel.Frame) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(channel.encode(frame))
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise Died from error

    def _receive(self) -> Reply:
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            frame = channel.read_frame_blocking(self._process.stdout)  # type: ignore[arg-type]  # IO is BinaryIO here
        except channel.ChannelBroken as error:
            raise Died from error
        if frame is None:
            raise Died
        return frame
