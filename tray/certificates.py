"""The doctor's lines on the bridge's own certificates, which the bridge is only handed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bridge.doctor.check import Check
from certs import store
from certs.errors import CertificatesError
from certs.texts import text
from certs.trust import Presence, stores

_SOON: Final = 365 * 86400.0  # seconds; `card-bridge certs` warns from then on, too


def examine(directory: Path, now: float) -> Iterator[Check]:
    """Whether key files can be used, how long they last, and who trusts them. `now`: seconds since 1970."""
    try:
        found = store.load(directory)
        yield from _state(found, now)
        presences = [presence for trust in stores(found.scope) for presence in trust.status(found.root)]
    except CertificatesError as error:
        yield Check("certificates", False, error.text("ja"), error.text("en"))
        return
    yield from map(_trust, presences)
    if not presences:
        yield Check(
            "trust",
            False,
            "証明書の登録先がありません。ブラウザを一度開いてから「card-bridge certs install」を実行してください。",
            "No browser's certificate database was found: start the browser once and run `card-bridge certs install`.",
        )


def life(directory: Path, now: float) -> list[Check]:
    """The same without a look at browsers, which are asked by programs of their own."""
    try:
        return [*_state(store.load(directory), now)]
    except CertificatesError as error:
        return [Check("certificates", False, error.text("ja"), error.text("en"))]


def _state(found: store.Certificates, now: float) -> Iterator[Check]:
    yield _life(found, now)
    if found.copied:
        yield Check("certificates", False, text("ja", "copied"), text("en", "copied"))


def _life(found: store.Certificates, now: float) -> Check:
    ends = found.leaves[-1].not_after
    last = datetime.fromtimestamp(ends, UTC).date()
    if ends - now > _SOON:
        return Check(
            "certificates", True, f"通信用証明書の期限: {last}", f"the bridge's own certificates are good until {last}"
        )
    return Check(
        "certificates",
        False,
        f"通信用証明書の期限: {last}。「card-bridge certs renew」で作り直してください。",
        f"The bridge's own certificates end on {last}: run `card-bridge certs renew`.",
    )


def _trust(presence: Presence) -> Check:
    place = f"{browser}, {presence.place}" if (browser := _browser(presence.place)) else presence.place
    if presence.trusted:
        return Check("trust", True, f"証明書を登録済み: {place}", f"certificates are trusted by {place}")
    if presence.trouble is not None:
        return Check("trust", False, presence.trouble.text("ja"), presence.trouble.text("en"))
    return Check(
        "trust",
        False,
        f"証明書が未登録です: {place}。「card-bridge certs install」を実行し、ブラウザを開き直してください。",
        f"Certificates are not trusted by {place}: run `card-bridge certs install` and open the browser again.",
    )


def _browser(place: str) -> str:
    """Which browser reads this place, as a person calls it; empty where the place says so itself."""
    path = place.replace("\\", "/").lower()
    known = (("firefox", "Firefox"), ("/etc/opt/chrome", "Chrome"), ("/etc/opt/edge", "Edge"), ("chromium", "Chromium"))
    named = next((name for part, name in known if part in path), "")
    return named or ("Chromium, Chrome, Edge" if path.endswith(("/.pki/nssdb", "/pki/nssdb")) else "")
