"""Runs wixl over the source and adds, by msibuild, what it cannot say."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from installer.wix import additions

_SOURCE: Final = "card-bridge.wxs"


def build(text: str, directory: Path, msi: Path) -> None:
    """Writes `msi` from the text of a .wxs and the files beside it in `directory`.

    Raises CalledProcessError, OSError.
    """
    (directory / _SOURCE).write_text(text, encoding="utf-8")
    subprocess.run(["wixl", "--arch", "x64", "--output", str(msi), _SOURCE], cwd=directory, check=True)
    for query in additions.queries():
        subprocess.run(["msibuild", str(msi), "-q", query], check=True)
