"""Asking the time-stamp authority that policy names, over HTTP (RFC 3161 §3.4)."""

from __future__ import annotations

import aiohttp

from bridge.errors import TimestampInvalid, TimestampUnavailable
from bridge.timestamps.shape import MAX_BYTES

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_HEADERS = {"Content-Type": _QUERY, "Accept": _REPLY, "Accept-Encoding": "identity", "User-Agent": "card-bridge"}
_PIECE = 8 << 10
_TOO_MANY, _ITS_OWN_TROUBLE = 429, 500


class Unreached(Exception):
    """For now: the same question may be answered in a moment."""


class Authority:
    """Asked at this address and no other: no redirect, no cookie, no proxy of the environment, nothing unpacked."""

    def __init__(self, url: str, proxy: str) -> None:
        """`proxy`: empty for none."""
        self._url = url
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, query: bytes) -> bytes:
        """A reply of at most MAX_BYTES, not looked at. Raises Unreached, TimestampUnavailable, TimestampInvalid.

        It sets no deadline: the caller does.
        """
        try:
            async with self._open().post(
                self._url, data=query, headers=_HEADERS, allow_redirects=False, proxy=self._proxy
            ) as response:
                return await _body(response)
        except aiohttp.ClientSSLError as error:
            raise TimestampUnavailable(f"TLS: {type(error).__name__}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreached(type(error).__name__) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
            )
        return self._session


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if response.status == _TOO_MANY or response.status >= _ITS_OWN_TROUBLE:
        raise Unreached(f"HTTP {response.status}")
    if response.status != 200 or response.content_type != _REPLY:  # a redirect, a log-in page of the network
        raise TimestampUnavailable(f"HTTP {response.status}, no time-stamp's reply")
    body = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > MAX_BYTES:
            response.close()
            raise TimestampInvalid(f"more than {MAX_BYTES} bytes")
    return bytes(body)
