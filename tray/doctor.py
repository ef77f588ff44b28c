"""`card-bridge doctor`: the bridge's own lines, and those on certificates and browsers, of which it knows nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from bridge.doctor import command
from bridge.doctor.check import Check
from bridge.doctor.examination import Part
from bridge.settings import Settings
from certs import store
from certs.errors import CertificatesError
from certs.texts import text
from certs.trust import Presence, stores
from tray.browsers import lines
from tray.daemon import tls_directory
from tray.repair import repair

_SOON: Final = 365 * 86400.0  # seconds; `card-bridge certs` warns from then on, too


def run(argv: list[str]) -> int:
    """Check this computer. Exit status 1 when a line needs attention."""
    return command.main(argv, command.Program(_parts, repair))


def _parts(loaded: Settings) -> list[Part]:
    return [Part("certificates", lambda: certificates(loaded, time.time())), Part("browsers", lines.examine)]


def certificates(loaded: Settings, now: float) -> Iterator[Check]:
    """Whether key files can be used, how long they last, and who trusts them. `now`: seconds since 1970."""
    try:
        found = store.load(tls_directory(loaded))
        yield _life(found, now)
        if found.copied:
            yield Check("certificates", False, text("ja", "copied"), text("en", "copied"))
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


def _life(found: store.Certificates, now: float) -> Check:
    ends = found.leaves[-1].not_after
    last = datetime.fromtimestamp(ends, UTC).date()
    if ends - now > _SOON:
        return Check("certificates", True, f"証明書の期限: {last}", f"certificates are good until {last}")
    return Check(
        "certificates",
        False,
        f"証明書の期限: {last}。「card-bridge certs renew」で作り直してください。",
        f"Certificates end on {last}: run `card-bridge certs renew`.",
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
