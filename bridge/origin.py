"""What an origin looks like: one rule for what pages send, what settings and policies list, and what is typed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_acceptable(origin: str, *, development: bool) -> bool:
    """An https origin as browsers serialise it (RFC 6454 §6.2); http for loopback hosts in development mode only."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    if parts.hostname is None or f"{parts.scheme}://{parts.netloc}" != origin:
        return False
    host = parts.netloc.rsplit(":", 1)[0] if port is not None else parts.netloc
    if not _HOST.fullmatch(host) or (origin.endswith((":443", ":")) and parts.scheme == "https"):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and development and parts.hostname in _LOOPBACK)
