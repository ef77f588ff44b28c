"""The site that asks for the test signature and checks it: the practice portal, where this installation has one."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import aiohttp

from tray.first_run.course import Trial

ANSWER_SECONDS: Final = 30.0
"""For a site. A person's time is not limited here: windows end by themselves."""


class Refusal(Exception):
    """A problem of the bridge or the site, in the person's language: `code`, and what happened and what to do."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.code = str(problem.get("code", ""))
        said = (problem.get(key) for key in ("title", "detail", "help"))
        super().__init__("\n".join(str(text) for text in said if text))


class Believed(NamedTuple):
    """Who signed, by the certificate that the signature came with, and how much was checked of it."""

    trial: Trial
    subject: str
    """RFC 4514."""
    expiry: str
    """The last day of validity in Tokyo, YYYY/MM/DD."""


class Site(Protocol):
    """What the page needs of it."""

    origin: str

    async def request(self) -> dict[str, Any]:
        """A statement to sign (docs/protocol.md, sign). Raises Refusal, aiohttp.ClientError, TimeoutError."""

    async def check(self, statement: str, certificate: str) -> Believed:
        """`statement`: the signed one, base64; `certificate`: the id that the page asked for. Raises as `request`."""


class PracticePortal:
    """A real portal on this computer, by its own pages for developers."""

    def __init__(self, origin: str, root: Path, language: str) -> None:
        """`root`: the certificate that vouches for it."""
        self.origin, self._root = origin, root
        self._headers = {"Origin": origin, "Accept-Language": language}

    async def request(self) -> dict[str, Any]:
        return await self._posted("request", b"")

    async def check(self, statement: str, certificate: str) -> Believed:
        signer = (await self._posted("statement", statement.encode()))["signer"]
        return Believed(Trial.HELD, str(signer["subject"]), str(signer["expiry"]))

    async def _posted(self, page: str, body: bytes) -> dict[str, Any]:
        patience = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with (
            aiohttp.ClientSession(connector=trusting(self._root), headers=self._headers, timeout=patience) as session,
            session.post(f"{self.origin}/developers/{page}", data=body) as response,
        ):
            return result(response.status, await response.json(content_type=None))


def trusting(root: Path) -> aiohttp.TCPConnector:
    return aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(root)))


def result(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """The body of a reply. Raises Refusal."""
    if status != 200:
        raise Refusal(body)
    return body
