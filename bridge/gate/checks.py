"""Who may call: checked in this order before a body is read (docs/protocol.md, Gate). Pure: facts in, refusal out."""

from __future__ import annotations

from typing import NamedTuple

from bridge.errors import BadRequest, HostRefused, OriginDenied, PeerRefused
from bridge.gate.origins import Origins
from bridge.origin import is_acceptable

_NAMES = ("localhost", "127.0.0.1", "[::1]")


class Call(NamedTuple):
    """What the wire said, raw: repeated headers stand more than once."""

    peer_is_user: bool
    target: str
    hosts: tuple[str, ...]
    fetch_modes: tuple[str, ...]
    content_types: tuple[str, ...]
    origins: tuple[str, ...]
    websocket: bool


def check_page(call: Call, port: int) -> None:
    """Rules 1 and 2, for the read-only pages. Raises PeerRefused, HostRefused."""
    if not call.peer_is_user:
        raise PeerRefused("the connection belongs to another user of this computer")
    _check_host(call, port)


def check(call: Call, port: int, *, development: bool, content_type: str | None) -> str:
    """Rules 1 to 4; returns the origin. `content_type` is what the route takes, None for the WebSocket.

    Raises PeerRefused, HostRefused, BadRequest, OriginDenied.
    """
    check_page(call, port)
    _check_fetch(call)
    if content_type is not None:
        _check_content_type(call, content_type)
    return _origin(call, development)


def require_allowed(origin: str, origins: Origins) -> None:
    """Rule 5, where nobody is asked (bridge/consent asks). Raises OriginDenied."""
    if not origins.allows(origin):
        raise OriginDenied("this origin is not allowed")


def _check_host(call: Call, port: int) -> None:
    # RFC 9112 §3.2: origin-form only; an absolute-form target would override Host.
    if not call.target.startswith("/"):
        raise HostRefused("only origin-form request targets are served")
    if len(call.hosts) != 1 or call.hosts[0].lower() not in {f"{name}:{port}" for name in _NAMES}:
        raise HostRefused("Host must be localhost, 127.0.0.1 or [::1] with the bridge's port")


def _check_fetch(call: Call) -> None:
    # A top-level form POST is a navigation that browsers do not gate: it dies here (Fetch Metadata, Sec-Fetch-Mode).
    expected = "websocket" if call.websocket else "cors"
    if any(mode != expected for mode in call.fetch_modes):
        raise OriginDenied(f"Sec-Fetch-Mode must be {expected}")


def _check_content_type(call: Call, expected: str) -> None:
    # text/plain POSTs come without preflight.
    if len(call.content_types) != 1 or call.content_types[0].split(";")[0].strip().lower() != expected:
        raise BadRequest(f"Content-Type must be {expected}")


def _origin(call: Call, development: bool) -> str:
    if len(call.origins) != 1 or not is_acceptable(call.origins[0], development=development):
        raise OriginDenied("exactly one https Origin is needed")
    return call.origins[0]
