"""Every setting: its section, key, type and default. What a person may read of each stands in `table.toml`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, NamedTuple


class LayerName(StrEnum):
    """Where a value may come from."""

    USER = "user"
    INSTALLER = "installer"
    MACHINE = "machine"
    CONFIG = "config"
    POLICY = "policy"


ADMINISTRATORS: Final = (LayerName.INSTALLER, LayerName.MACHINE, LayerName.POLICY)


class Source(NamedTuple):
    """`place`: a file, or a key of the registry."""

    layer: LayerName
    place: str


class BridgeSettings(NamedTuple):
    port: int = 0
    """First port to try; 0: 22480 to 22495 in turn (docs/protocol.md, Transport)."""
    language: str = "auto"
    """ja | en | auto (the operating system's)."""
    card_notices: bool = False
    """Notify the person of cards that come and go."""


class OriginSettings(NamedTuple):
    allowed: tuple[str, ...] = ()
    """Origins (https://host[:port]) that may call without asking, by policy. Exact match."""
    silent: tuple[str, ...] = ()
    """Origins that may sign without a window while a PIN session is open. Not in a user's file."""
    expired: tuple[str, ...] = ()
    """Origins that may have statements signed by a card that has expired: agencies whose ICカード更新 asks for it."""
    raw: tuple[str, ...] = ()
    """Origins that may have bare signature values (format `raw`), of hashes too. Not in a user's file."""
    development: bool = False
    """Accept http origins of loopback hosts."""
    locked: bool = False
    """The list is `allowed` alone: nobody is asked, grants and a user's file count for nothing."""
    grants: str = ""
    """Folder of the file that keeps the person's grants; empty: the user data directory."""
    window: tuple[str, ...] = ()
    """Program that asks for consent instead of ours. Not in a user's file."""


class CardSettings(NamedTuple):
    modules: tuple[str, ...] = ("profiles",)
    """Full paths of PKCS#11 libraries; `profiles`: those that card profiles name and that are installed. Not in a
    user's file."""
    profiles: str = ""
    """Folder of an administrator's card profiles; empty: none. Not in a user's file."""
    practice: bool = False
    """Offer the practice card (練習用カード)."""
    directory: str = ""
    """Where the practice card and the ledger live; empty: the user data directory."""
    host: tuple[str, ...] = ()
    """Program and arguments that start the card host instead of our own. Not in a user's file."""
    host_deadline_seconds: float = 60.0
    """Card time that one request may take before the host is killed; a person's time is not counted."""


class PinSettings(NamedTuple):
    stop_at: int = 1
    """At this many tries left the window demands a typed confirmation."""
    forbid_last_try: bool = False
    """Refuse the last try altogether (`pin_last_try`), where the card tells its tries."""
    session_seconds: int = 600
    """How long a PIN session lives at most."""
    window: tuple[str, ...] = ()
    """Program that asks for the PIN instead of ours. Not in a user's file."""
    window_seconds: int = 300
    """How long a window stays open."""
    person: bool = True
    """Show the field 担当者."""


class TlsSettings(NamedTuple):
    directory: str = ""
    """Where the per-install certificates live; empty: the user data directory."""


class LogSettings(NamedTuple):
    directory: str = ""
    """Empty: the user log directory."""
    level: str = "INFO"


class AuditSettings(NamedTuple):
    directory: str = ""
    """Where the record of signatures lives; empty: the user data directory."""
    days: int = 3650
    """How long its lines are kept at least; 0: for good."""


class TimestampSettings(NamedTuple):
    url: str = ""
    """RFC 3161 authority that documents' signatures get a time-stamp from; empty: none. Not in a user's file."""
    trust: str = ""
    """File or folder of certificates that the authority's has to lead to. Not in a user's file."""
    policy: str = ""
    """The authority's policy (dotted) that is asked for; empty: whichever it has. Not in a user's file."""
    proxy: str = ""
    """The way to it; empty: directly. Not in a user's file."""
    seconds: int = 20
    """How long one time-stamp may take, tries again included."""


class ContactSettings(NamedTuple):
    agency: str = ""
    """Help desk of the agency, or of several, as a person reads it; empty: not said."""
    administrator: str = ""
    """Whoever looks after this PC."""


class SetupSettings(NamedTuple):
    window: bool = True
    """Open the window of the first run at a person's first start."""
    portal: str = ""
    """Origin of a practice portal, for the test signature; empty: none."""


class Settings(NamedTuple):
    bridge: BridgeSettings = BridgeSettings()
    origins: OriginSettings = OriginSettings()
    card: CardSettings = CardSettings()
    pin: PinSettings = PinSettings()
    tls: TlsSettings = TlsSettings()
    log: LogSettings = LogSettings()
    audit: AuditSettings = AuditSettings()
    timestamps: TimestampSettings = TimestampSettings()
    contact: ContactSettings = ContactSettings()
    setup: SetupSettings = SetupSettings()
    sources: tuple[tuple[str, Source], ...] = ()
    """(key, source) of every value that is set somewhere: doctor shows where each came from."""

    def fixed(self, key: str) -> bool:
        """Whether an administrator decided it: a user's file does not count."""
        found = dict(self.sources).get(key)
        return found is not None and found.layer in ADMINISTRATORS

    def source(self, key: str) -> str:
        """The place that a value came from, or `default`."""
        found = dict(self.sources).get(key)
        return found.place if found is not None else "default"


MACHINE_ONLY: Final = frozenset(
    {
        "card.host",
        "card.modules",
        "card.profiles",
        "pin.window",
        "origins.silent",
        "origins.raw",
        "origins.locked",
        "origins.window",
        "timestamps.url",
        "timestamps.trust",
        "timestamps.policy",
        "timestamps.proxy",
    }
)

SECTIONS: Final[dict[str, type[Any]]] = {
    "bridge": BridgeSettings,
    "origins": OriginSettings,
    "card": CardSettings,
    "pin": PinSettings,
    "tls": TlsSettings,
    "log": LogSettings,
    "audit": AuditSettings,
    "timestamps": TimestampSettings,
    "contact": ContactSettings,
    "setup": SetupSettings,
}
