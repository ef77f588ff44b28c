"""Who takes part in the test signature, started and ended with it: a site and a bridge.

The site is a practice portal where this installation has one, else this program itself (`own_check`).

For the own card the bridge is the person's, the one that runs or else one with the same settings. For the practice card
it is one of its own in a folder that is gone afterwards, so that practising leaves no card, site or certificate behind.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import certs.context
from bridge import settings
from bridge.card.practice import pki as practice_pki
from bridge.choices import Choices
from bridge.cli import COMMANDS
from bridge.consent.grants import Grants
from bridge.doors.listener import PORTS
from bridge.gate.origins import NotKept
from bridge.settings import Settings
from tray import demo
from tray.demo import Place
from tray.first_run.trial import running
from tray.first_run.trial.own_check import OwnSite, reserved_origin
from tray.first_run.trial.site import PracticePortal, Site
from tray.places import tls_directory


class Stage(NamedTuple):
    """Where the page finds the bridge, which root vouches for it, and whose page it is."""

    bridge: int
    """Port."""
    bridge_root: Path
    site: Site


@contextlib.contextmanager
def own_card(loaded: Settings, config: Path | None) -> Iterator[Stage]:
    """Raises RuntimeError where a part does not start, OSError, CertificatesError."""
    practice = settings.card_directory(loaded) / "practice"
    anchors = practice if loaded.card.practice else None
    tls = tls_directory(loaded)
    certs.context.ensure(tls, time.time())
    with (
        _site(loaded, anchors) as site,
        _bridge(loaded, config, tls / "root.pem") as port,
        _forgotten(site.origin, loaded),
    ):
        yield Stage(port, tls / "root.pem", site)


@contextlib.contextmanager
def practice_card(loaded: Settings) -> Iterator[Stage]:
    """Raises as `own_card`."""
    with _folder() as folder:
        practice = folder / "card" / "practice"
        practice_pki.ensure(practice, datetime.now(UTC))
        tls = folder / "tls"
        certs.context.ensure(tls, time.time())
        config = folder / "bridge.toml"
        config.write_text(demo.toml(_practising(loaded, folder)), encoding="utf-8")
        with _site(loaded, practice) as site, _started(["run", "--no-tray", "--config", str(config)]) as address:
            yield Stage(int(address.rstrip("/").rpartition(":")[2]), tls / "root.pem", site)


def _practising(loaded: Settings, folder: Path) -> dict[str, dict[str, object]]:
    """The person's language and the administrator's windows; everything else is the folder's."""
    return {
        "bridge": {"language": settings.language(loaded)},
        "origins": {"grants": str(folder), "window": list(loaded.origins.window)},
        "card": {"practice": True, "modules": [], "directory": str(folder / "card")},
        "pin": {"window": list(loaded.pin.window), "window_seconds": loaded.pin.window_seconds},
        "tls": {"directory": str(folder / "tls")},
        "log": {"directory": str(folder / "log")},
        "audit": {"directory": str(folder / "audit")},
    }


@contextlib.contextmanager
def _site(loaded: Settings, practice: Path | None) -> Iterator[Site]:
    language = settings.language(loaded)
    if not COMMANDS["portal"].present:  # a bidder's PC has none
        with reserved_origin() as origin:
            yield OwnSite(origin, language, lambda: datetime.now(UTC))
        return
    with _portal(practice) as (origin, root):
        yield PracticePortal(origin, root, language)


@contextlib.contextmanager
def _portal(practice: Path | None) -> Iterator[tuple[str, Path]]:
    """A practice portal that trusts the practice card's authority, or nobody; its origin and root certificate."""
    with _folder() as folder:
        place, port = Place(folder), _free_port()
        for name in ("anchors", "intermediates", "crls"):
            (place.trust / name).mkdir(parents=True)
        if practice is not None:
            for name, file in (("anchors", "ca.pem"), ("crls", "ca.crl")):
                (place.trust / name / file).write_bytes((practice / file).read_bytes())
        place.portal_config.write_text(demo.portal_toml(place, port), encoding="utf-8")
        demo.carry_out(["portal", "init", "--config", str(place.portal_config)])
        with _started(["portal", "serve", "--config", str(place.portal_config)]):
            yield f"https://localhost:{port}", place.portal_tls / "root.pem"


@contextlib.contextmanager
def _bridge(loaded: Settings, config: Path | None, root: Path) -> Iterator[int]:
    """The port of the person's bridge."""
    ports = [loaded.bridge.port] if loaded.bridge.port else list(PORTS)
    if (found := running.of(ports, root)) is not None:
        yield found
        return
    with _started(["run", "--no-tray", *(("--config", str(config)) if config else ())]) as address:
        yield int(address.rstrip("/").rpartition(":")[2])


@contextlib.contextmanager
def _forgotten(origin: str, loaded: Settings) -> Iterator[None]:
    """What the person allowed this origin for the test is taken back: another program may have its port tomorrow."""
    try:
        yield
    finally:
        with contextlib.suppress(NotKept):
            Grants(settings.grants_file(loaded), lambda: datetime.now(UTC)).revoke(origin)
        Choices(settings.card_directory(loaded)).forget(origin)


@contextlib.contextmanager
def _started(arguments: list[str]) -> Iterator[str]:
    part = demo.start(arguments)
    try:
        yield part.address
    finally:
        demo.end(part.process)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """For this person alone (tempfile: mode 0700)."""
    with tempfile.TemporaryDirectory(prefix="card-bridge-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
