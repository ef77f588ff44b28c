"""Runs wixl over the source and adds, by msibuild, what wixl 0.101 cannot say."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

_SOURCE: Final = "card-bridge.wxs"
ADDITIONS: Final = (
    # An administrator's properties must be secure, or the elevated half of an installation never sees them; the first
    # two are MajorUpgrade's.
    "UPDATE `Property` SET `Value`='WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;AUTOSTART;CERTIFICATES' "
    "WHERE `Property`='SecureCustomProperties'",
    "UPDATE `Component` SET `Condition`='AUTOSTART=1' WHERE `Component`='Autostart'",
)
"""SQL as libmsi reads it."""


def build(text: str, directory: Path, msi: Path) -> None:
    """Writes `msi` from the text of a .wxs and the files beside it in `directory`.

    Raises CalledProcessError, OSError.
    """
    (directory / _SOURCE).write_text(text, encoding="utf-8")
    subprocess.run(["wixl", "--arch", "x64", "--output", str(msi), _SOURCE], cwd=directory, check=True)
    for query in ADDITIONS:
        subprocess.run(["msibuild", str(msi), "-q", query], check=True)
