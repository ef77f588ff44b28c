"""The portal's settings: frozen, read from one TOML file; an unknown key is an error.

Every key has a default, so an empty file is a portal for one machine. Paths are taken from the settings file's folder.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal import checks, hours, proxies, storage
from portal.accessibility import AccessibilityPolicy
from portal.checks import Checks
from portal.hours import Hours
from portal.mail import settings as mailing
from portal.mail.settings import Letters, Mailing
from portal.officers import settings as officials
from portal.officers.settings import OfficerRules
from portal.operation import settings as operation
from portal.operation.settings import Log, Watching
from portal.registration.rules import CardRules, Effect, RegistrationRules
from portal.renewal.settings import RenewalSettings
from portal.revocation import settings as fetching
from portal.revocation.settings import Fetching
from portal.search import settings as searching
from portal.search.settings import SearchRules
from portal.storage import Postgresql
from portal.toml import SettingsError as SettingsError
from portal.toml import build
from portal.verification import settings as verification
from portal.verification.settings import VerificationLimits

_OID = re.compile(r"[0-2](\.(0|[1-9]\d{0,38})){1,30}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
MAX_GRACE_HOURS = 168
MAX_TRUST_SECONDS = 15  # a page waits a little longer (signing.VERIFY_SECONDS)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the portal's TLS listener binds; whose X-Forwarded-For counts (addresses, or networks like 10.0.0.0/8)."""

    host: str = "127.0.0.1"
    port: int = 22443
    proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """How browsers and statements name this portal, and whether it is for practice."""

    origin: str = "https://localhost:22443"
    audience: str = "https://localhost:22443"
    practice: bool = False
    client_script: Path | None = None  # card-bridge.js, when it is not where the packages put it


@dataclass(frozen=True, slots=True)
class Grace:
    """How long after a list's end cards below this trust anchor (SHA-256, hex) may still be judged by it."""

    anchor: str
    hours: int


@dataclass(frozen=True, slots=True)
class TrustFolders:
    """Folders of trust anchors (*.pem, *.cer, *.crt), intermediate CA certificates and CRLs (*.crl, *.pem).

    `crls` holds OCSP responses as well (*.ocsp, *.ors). `past_crls` holds lists of earlier times: by them an expired
    card is judged (renewal.expired_old_card). `policies`: object identifiers, one of which every certificate of a path
    has to be issued under; none: any. `without_revocation`: SHA-256 (hex) of CA certificates that publish neither lists
    nor responses on what they issue. `grace`: of anchors whose lists may have ended; none: of none. `seconds`: after
    which a validation ends without an answer. `fetched`: intermediate CA certificates that the portal fetched itself
    (revocation.issuers, revocation.sources); None: it fetches none.
    """

    anchors: Path = Path("trust/anchors")
    intermediates: Path = Path("trust/intermediates")
    crls: Path = Path("trust/crls")
    past_crls: Path = Path("trust/past-crls")
    policies: tuple[str, ...] = ()
    without_revocation: tuple[str, ...] = ()
    seconds: int = 15
    grace: tuple[Grace, ...] = ()
    fetched: Path | None = None


def folders_below(root: Path) -> TrustFolders:
    """Folders of the usual names below one."""
    return TrustFolders(root / "anchors", root / "intermediates", root / "crls", root / "past-crls")


@dataclass(frozen=True, slots=True)
class Tls:
    """The listener's certificate chain and key, both PEM."""

    certificate: Path = Path("tls/portal.pem")
    key: Path = Path("tls/portal.key")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things live, in minutes; `warn_minutes` before a visit ends, its page says so.

    `window_minutes` is what people are told of the bridge's PIN window (its `pin.window_seconds`).
    """

    session_minutes: int = 60
    warn_minutes: int = 5
    nonce_minutes: int = 15
    window_minutes: int = 5


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom people ask when they are stuck."""

    department: str = "山口市 総務部 契約監理課 入札監理担当"
    telephone: str = "083-934-2710"


@dataclass(frozen=True, slots=True)
class Agency:
    """The 調達機関; `prefix` begins each of its 企業ID (4 digits)."""

    name: str = "山口市"
    prefix: str = "9991"
    contact: Contact = field(default_factory=Contact)
    letters: Letters = field(default_factory=Letters)


@dataclass(frozen=True, slots=True)
class News:
    """One line of 更新内容."""

    date: datetime.date
    text: str


@dataclass(frozen=True, slots=True)
class Entrance:
    """The portal's first page. An address is https, http or a path here; an empty one means a page of ours instead."""

    posted: datetime.date | None = None  # 掲載日; None: that of the latest news
    news: tuple[News, ...] = (
        News(datetime.date(2021, 12, 27), "重要なお知らせ等に請求書の様式改正についてを追加。"),
        News(datetime.date(2021, 12, 15), "重要なお知らせ等に辞退届の提出についての注意事項を追加。"),
        News(datetime.date(2021, 11, 5), "重要なお知らせ等にWindows11へのアップグレードについての注意事項を追加。"),
        News(
            datetime.date(2021, 6, 14),
            "重要なお知らせ等にICカードの「名義人」と山口市の競争入札参加資格の登録に関する注意事項を追加。",
        ),
    )
    first_time: str = ""  # 初めての方へ, where 業者番号 and 商号 are published
    information: str = ""  # 入札情報公開システム
    bridge: str = ""  # where the card bridge is downloaded
    rows: int = 50  # of the published list on one page


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an agency can choose."""

    listen: Listen = field(default_factory=Listen)
    site: Site = field(default_factory=Site)
    database: Path | str = Path("portal.sqlite3")  # a file, or PostgreSQL's address
    postgresql: Postgresql = field(default_factory=Postgresql)
    trust: TrustFolders = field(default_factory=TrustFolders)
    tls: Tls = field(default_factory=Tls)
    limits: Limits = field(default_factory=Limits)
    hours: Hours = field(default_factory=Hours)
    renewal: RenewalSettings = field(default_factory=RenewalSettings)
    checks: Checks = field(default_factory=Checks)
    verification: VerificationLimits = field(default_factory=VerificationLimits)
    agency: Agency = field(default_factory=Agency)
    entrance: Entrance = field(default_factory=Entrance)
    accessibility: AccessibilityPolicy = field(default_factory=AccessibilityPolicy)
    registration: RegistrationRules = field(default_factory=RegistrationRules)
    card: CardRules = field(default_factory=CardRules)
    mail: Mailing = field(default_factory=Mailing)
    search: SearchRules = field(default_factory=SearchRules)
    watch: Watching = field(default_factory=Watching)
    log: Log = field(default_factory=Log)
    revocation: Fetching = field(default_factory=Fetching)
    officers: OfficerRules = field(default_factory=OfficerRules)


def load_settings(path: Path) -> Settings:
    """The settings of a TOML file. Raises SettingsError for a file that is not there, not TOML or has a wrong key."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise SettingsError(f"{path}: {error}") from error
    return parse_settings(raw, path.resolve().parent)


def parse_settings(raw: Mapping[str, Any], folder: Path) -> Settings:
    """The settings of a parsed TOML document, with relative paths below `folder`. Raises SettingsError."""
    settings = build(Settings, raw, "", folder)
    _check(settings)
    return settings


def beside(settings: Settings, instance: int) -> Settings:
    """The same portal as the Nth of several processes on one computer: N added to each port that is set."""
    listen, watch = settings.listen, settings.watch
    return dataclasses.replace(
        settings,
        listen=dataclasses.replace(listen, port=listen.port + instance if listen.port else 0),
        watch=dataclasses.replace(watch, port=watch.port + instance if watch.port else 0),
    )


def _check(settings: Settings) -> None:
    agency, listen = settings.agency, settings.listen
    if not (len(agency.prefix) == 4 and agency.prefix.isascii() and agency.prefix.isdigit()):
        raise SettingsError("agency.prefix: expected 4 digits")
    if not 0 <= listen.port <= 65535:
        raise SettingsError("listen.port: expected 0 to 65535")
    _check_limits(settings.limits)
    if settings.card.expiring_days < 0:
        raise SettingsError("card.expiring_days: expected 0 or more")
    if settings.registration.revocation_unknown is Effect.WARN:
        raise SettingsError('registration.revocation_unknown: expected "review" or "refuse"')
    if settings.renewal.handover_minutes < 1:
        raise SettingsError("renewal.handover_minutes: expected at least one minute")
    if not settings.site.origin.startswith("https://") or settings.site.origin.endswith("/"):
        raise SettingsError("site.origin: expected https://host[:port] without a path")
    if (wrong := storage.place_fault(settings.database)) is not None:
        raise SettingsError(f"database: {wrong}")
    _check_entrance(settings.entrance)
    _check_trust(settings.trust)
    _check_fetched(settings)
    faults = {
        "listen": proxies.fault(settings.listen.proxies),
        "hours": hours.fault(settings.hours),
        "mail": mailing.fault(settings.mail),
        "checks": checks.fault(settings.checks),
        "verification": verification.fault(settings.verification),
        "watch": operation.fault(settings.watch),
        "search": searching.fault(settings.search),
        "revocation": fetching.fault(settings.revocation),
        "officers": officials.fault(settings.officers),
        "postgresql": storage.fault(settings.postgresql),
    }
    for table, fault in faults.items():
        if fault is not None:
            raise SettingsError(f"{table}.{fault}")


def _check_fetched(settings: Settings) -> None:
    trust = settings.trust
    if trust.fetched is None and settings.revocation.wants_certificates:
        raise SettingsError("trust.fetched: expected a folder for what revocation.issuers and revocation.sources bring")
    if trust.fetched in (trust.anchors, trust.intermediates, trust.crls, trust.past_crls):
        raise SettingsError("trust.fetched: expected a folder of its own")


def _check_limits(limits: Limits) -> None:
    if min(limits.session_minutes, limits.warn_minutes, limits.nonce_minutes, limits.window_minutes) < 1:
        raise SettingsError("limits: expected at least one minute")
    if limits.warn_minutes >= limits.session_minutes:
        raise SettingsError("limits.warn_minutes: expected less than session_minutes")


def _check_trust(trust: TrustFolders) -> None:
    if not all(_OID.fullmatch(policy) for policy in trust.policies):
        raise SettingsError("trust.policies: expected object identifiers, like 1.2.392.200149.8.5.1")
    if not all(_SHA256.fullmatch(each) for each in trust.without_revocation):
        raise SettingsError("trust.without_revocation: expected SHA-256 of CA certificates, in hex")
    if not all(_SHA256.fullmatch(each.anchor) and 1 <= each.hours <= MAX_GRACE_HOURS for each in trust.grace):
        raise SettingsError(
            f"trust.grace: expected SHA-256 of a trust anchor, in hex, and 1 to {MAX_GRACE_HOURS} hours"
        )
    if not 1 <= trust.seconds <= MAX_TRUST_SECONDS:
        raise SettingsError(f"trust.seconds: expected 1 to {MAX_TRUST_SECONDS}")


def _check_entrance(entrance: Entrance) -> None:
    for name in ("first_time", "information", "bridge"):
        address = getattr(entrance, name)
        # Nothing that a browser would run or guess: a link on this page is the agency's word.
        if address and not address.startswith(("https://", "http://", "/")):
            raise SettingsError(f"entrance.{name}: expected https://… or a path")
    if entrance.rows < 1:
        raise SettingsError("entrance.rows: expected 1 or more")
