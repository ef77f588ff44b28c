"""`card-bridge doctor`: the bridge's own lines, and those on certificates and browsers, of which it knows nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable

from bridge.doctor import command
from bridge.doctor.check import Check
from bridge.doctor.examination import Part
from bridge.settings import Settings
from certs.errors import CertificatesError
from tray import certificates
from tray.autostart import command as autostart
from tray.browsers import lines
from tray.places import await_first_start, tls_directory
from tray.repair import repair


def run(argv: list[str]) -> int:
    """Check this computer. Exit status 1 when a line needs attention."""
    return command.main(argv, command.Program(parts, repair))


def parts(loaded: Settings) -> list[Part]:
    """What this composition adds to the bridge's own."""
    return [
        Part("certificates", lambda: _certificates(loaded)),
        Part("browsers", lines.examine),
        Part("autostart", autostart.examine),
    ]


def _certificates(loaded: Settings) -> Iterable[Check]:
    try:
        await_first_start(loaded, 0)
    except CertificatesError as error:
        return [Check("certificates", False, error.text("ja"), error.text("en"))]
    return certificates.examine(tls_directory(loaded), time.time())
