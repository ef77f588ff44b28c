"""Which policies say that a site may reach this computer, and how each writes a site."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple
from urllib.parse import urlsplit

_HTTPS: Final = 443


class Form(Enum):
    """How a list names a site."""

    ORIGIN = "origin"
    """Scheme, host and port: without a port Chromium takes every port for meant (seen with Chromium 150)."""
    HOST = "host"
    """Firefox knows hosts only: every port of it, and the local network, too."""

    def of(self, origin: str) -> str:
        parts = urlsplit(origin)
        host = parts.netloc if parts.port is None else parts.netloc.rpartition(":")[0]
        return host if self is Form.HOST else f"{parts.scheme}://{host}:{parts.port or _HTTPS}"


class Policy(NamedTuple):
    """A policy that is a list of sites. `path`: names from the browser's own root of policies on."""

    path: tuple[str, ...]
    form: Form

    @property
    def name(self) -> str:
        return ".".join(self.path)


CHROMIUM: Final = tuple(
    Policy((name,), Form.ORIGIN)
    # The first since Chrome and Edge 146, the second before.
    for name in ("LoopbackNetworkAllowedForUrls", "LocalNetworkAccessAllowedForUrls")
)
FIREFOX: Final = (Policy(("LocalNetworkAccess", "SkipDomains"), Form.HOST),)


class Standing(NamedTuple):
    """An entry that we wrote, as it is found now. `place`: the browser and its policy, as a person knows them.

    `in_force`: the browser finds it in the list. `rival`: another file that sets the list, and is taken instead.
    """

    place: str
    entry: str
    in_force: bool
    rival: str = ""
