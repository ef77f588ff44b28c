"""What a place that keeps trusted roots must be able to do."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from certs.errors import CertificatesError


class Presence(NamedTuple):
    """How one place stands after it was looked at or changed, read back from the place itself.

    `place`: what a person knows it by. `trusted`: this root is there and vouches for TLS servers. `others`: names of
    roots of ours that belong to an earlier installation. `trouble`: why the place could not be read or changed.
    """

    place: str
    trusted: bool
    others: tuple[str, ...] = ()
    trouble: CertificatesError | None = None


class Clearing(Protocol):
    """Something that a root can be taken out of."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    @property
    def question(self) -> str | None:
        """Which text announces what the system itself asks the person at each change, if it does."""
        ...

    def uninstall(self, root: bytes | None) -> list[Presence]:
        """Takes out this root, or without one every root of ours; no other entry is touched."""
        ...


class TrustStore(Clearing, Protocol):
    """One kind of trust store with all its places on this computer. `root` is the root certificate's DER.

    A place that cannot be changed is reported, not raised, so that the other places are still served.
    All methods raise ToolMissing when there are places and the tool for them is missing.
    """

    def install(self, root: bytes) -> list[Presence]:
        """Makes the root trusted for TLS servers and for nothing else; again is harmless."""
        ...

    def status(self, root: bytes | None) -> list[Presence]:
        """Changes nothing. Without a root only `others` can be filled."""
        ...
