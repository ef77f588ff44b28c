"""A real bridge for the flow ring: `card-bridge run` with a practice card of its own and a planned PIN window."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import ssl
import sys
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bridge.card.practice import card as practice
from bridge.card.practice import pki as practice_pki
from bridge.card.practice import slot as practice_slot

ORIGIN = "https://portal.example"
OTHER = "https://other.example"
THIRD = "https://third.example"
FOURTH = "https://fourth.example"
WINDOW = Path(__file__).with_name("planned_window.py")
CONSENT = Path(__file__).with_name("planned_consent.py")


class Bridge:
    """One running daemon and the folder that it lives in."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.practice = directory / "card" / "practice"
        self.screen: Mapping[str, str] | None = None
        """The environment of a desktop on which its icon is shown; None: no icon."""
        self.port = 0
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, **sections: dict[str, Any]) -> None:
        self._write_settings(sections)
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-X", "utf8", "-m", "bridge.cli", "run", *([] if self.screen else ["--no-tray"])),
            *("--config", str(self.directory / "bridge.toml")),
            stdout=asyncio.subprocess.PIPE,
            env=self.screen,
        )
        assert self.process.stdout is not None
        line = (await asyncio.wait_for(self.process.stdout.readline(), 120)).decode()
        self.port = int(line.rstrip().rstrip("/").rpartition(":")[2])

    async def stop(self) -> int:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 60)

    def _write_settings(self, changes: dict[str, dict[str, Any]]) -> None:
        sections: dict[str, dict[str, Any]] = {
            "bridge": {"language": "ja"},
            "origins": {
                "allowed": [ORIGIN, OTHER, THIRD, FOURTH],
                "locked": True,
                "grants": str(self.directory),
                "window": [sys.executable, str(CONSENT), str(self.directory)],
            },
            "card": {"practice": True, "modules": [], "directory": str(self.directory / "card")},
            "pin": {"window": [sys.executable, str(WINDOW), str(self.directory)]},
            "tls": {"directory": str(self.directory / "tls")},
            "log": {"directory": str(self.directory / "log")},
            "audit": {"directory": str(self.directory / "audit")},
        }
        for name, values in changes.items():
            sections.setdefault(name, {}).update(values)
        lines = [
            line
            for name, values in sections.items()
            for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
        ]
        (self.directory / "bridge.toml").write_text("\n".join(lines), encoding="utf-8")

    # --- the person -------------------------------------------------------------------------------------------

    def plan(self, *steps: str) -> None:
        (self.directory / "plan").write_text("\n".join(steps), encoding="utf-8")

    def questions(self) -> list[dict[str, Any]]:
        path = self.directory / "questions.jsonl"
        return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []

    async def open_window(self, number: int) -> int:
        """Wait until question `number` (from 1) is shown; returns the window's process id."""
        for _ in range(2400):
            if len(self.questions()) >= number and (pid := self._pid()):
                return pid
            await asyncio.sleep(0.025)
        raise AssertionError("no window was opened")

    def _pid(self) -> int:
        try:
            return int((self.directory / "pid").read_text(encoding="ascii") or 0)
        except FileNotFoundError:
            return 0

    # --- the card ---------------------------------------------------------------------------------------------

    def fresh_card(self) -> None:
        """A card with three tries, in its reader; nothing remembered of earlier windows."""
        card = practice.read(self.practice)
        practice.write(self.practice, card._replace(tries_left=practice.MAX_TRIES))
        for name in ("plan", "questions.jsonl", "pid", "go"):
            (self.directory / name).unlink(missing_ok=True)
        (self.directory / "card" / "ledger.json").unlink(missing_ok=True)
        practice_slot.insert(self.practice)

    def ledger(self) -> list[list[Any]]:
        """Of each PIN that it knows: failures, pending login, reader left unlocked, refused PINs."""
        text = (self.directory / "card" / "ledger.json").read_text(encoding="utf-8")
        return list(json.loads(text)["cards"].values())

    @property
    def tries_left(self) -> int:
        return practice.read(self.practice).tries_left

    # --- the page ---------------------------------------------------------------------------------------------

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.directory / "tls" / "root.pem"))

    def url(self, path: str, scheme: str = "https") -> str:
        return f"{scheme}://localhost:{self.port}{path}"

    @contextlib.asynccontextmanager
    async def page(self, origin: str = ORIGIN) -> AsyncIterator[Page]:
        connector = aiohttp.TCPConnector(ssl=self.tls())
        headers = {"Origin": origin, "Accept-Language": "ja"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            yield Page(self, session)


class Page:
    """A page on an origin; `post` and `socket` are the two doors."""

    def __init__(self, bridge: Bridge, session: aiohttp.ClientSession) -> None:
        self._bridge = bridge
        self._session = session

    async def post(self, method: str, params: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        async with self._session.post(self._bridge.url(f"/v1/{method}"), json=params, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def result(self, method: str, params: Any) -> dict[str, Any]:
        status, body = await self.post(method, params)
        assert status == 200, body
        return body

    async def refusal(self, method: str, params: Any) -> dict[str, Any]:
        status, body = await self.post(method, params)
        assert status == body["status"] != 200, body
        return body

    async def download(self, handle: str) -> bytes:
        async with self._session.get(self._bridge.url(f"/v1/documents/{handle}")) as response:
            assert response.status == 200, await response.text()
            return await response.read()

    async def download_refusal(self, handle: str) -> dict[str, Any]:
        async with self._session.get(self._bridge.url(f"/v1/documents/{handle}")) as response:
            body: dict[str, Any] = await response.json(content_type=None)
            assert response.status == body["status"] != 200, body
            return body

    async def certificate(self) -> str:
        found = (await self.result("certificates", {}))["certificates"]
        return str(found[0]["id"])

    async def until_card_seen(self) -> None:
        """The daemon looks at the practice card's reader twice a second: before that, pulling it is no event."""
        for _ in range(600):
            if any(reader["card"] for reader in (await self.result("readers", {}))["readers"]):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the daemon has not seen the card")

    @contextlib.asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        async with self._session.ws_connect(self._bridge.url("/v1/ws", "wss")) as connected:
            yield Socket(connected)


class Socket:
    """The WebSocket door; events that come between replies are kept."""

    def __init__(self, connected: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = connected
        self.events: list[dict[str, Any]] = []

    async def ask(self, number: int, method: str, params: Any) -> None:
        await self.raw.send_json({"id": number, "method": method, "params": params})

    async def reply(self, number: int | None) -> dict[str, Any]:
        """The reply of that number; None: to a message that had no readable one."""
        while True:
            message = json.loads((await self.raw.receive(timeout=60)).data)
            if "event" not in message and message["id"] == number:
                return dict(message)
            self.events.append(message)

    async def closed(self) -> int | None:
        """Wait until the bridge ends the conversation; the code it gives."""
        while (await self.raw.receive(timeout=30)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.raw.close_code

    async def event(self, name: str) -> dict[str, Any]:
        while not any(event["event"] == name for event in self.events):
            self.events.append(json.loads((await self.raw.receive(timeout=30)).data))
        return next(event for event in self.events if event["event"] == name)


def statement(**changes: Any) -> dict[str, Any]:
    return {
        "type": "registration",
        "action": "利用者登録（登録）",
        "aud": ORIGIN,
        "nonce": secrets.token_urlsafe(32),
        "payload": {"sections": [{"label": "企業名称", "value": "北東組株式会社"}]},
        **changes,
    }


def is_alive(pid: int) -> bool:
    """A process whose first thread has ended holds its files and locks until the last one has (proc(5))."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2][0]
        threads = sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" or threads > 1


async def gone(pid: int, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True


def prepare(directory: Path) -> Bridge:
    bridge = Bridge(directory)
    practice_pki.ensure(bridge.practice, datetime.now(UTC))
    return bridge
