"""`card-bridge doctor`: the bridge's own lines, and those on certificates and browsers, of which it knows nothing."""

from __future__ import annotations

import time

from bridge.doctor import command
from bridge.doctor.examination import Part
from bridge.settings import Settings
from tray import certificates
from tray.browsers import lines
from tray.places import tls_directory
from tray.repair import repair


def run(argv: list[str]) -> int:
    """Check this computer. Exit status 1 when a line needs attention."""
    return command.main(argv, command.Program(_parts, repair))


def _parts(loaded: Settings) -> list[Part]:
    return [
        Part("certificates", lambda: certificates.examine(tls_directory(loaded), time.time())),
        Part("browsers", lines.examine),
    ]
