"""`python -m installer PYTHON LIBRARIES DIRECTORY`: the MSI, what it holds by SHA-256, and its own SHA-256.

PYTHON is an unpacked embeddable Python for Windows, LIBRARIES the wheels that pip installed for Windows.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from bridge.version import VERSION
from installer import launchers, package, payload
from installer.wix.names import PAYLOAD
from installer.wix.source import source

_ROOT = Path(__file__).parents[1]


def main(runtime: Path, libraries: Path, directory: Path) -> Path:
    """The MSI's path. Raises CalledProcessError, OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    msi = directory.resolve() / f"card-bridge-{VERSION}-x64.msi"
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        staged, programs = scratch / PAYLOAD, scratch / "programs"
        programs.mkdir()
        launchers.build(VERSION, scratch, programs)
        payload.stage(payload.Parts(_ROOT, runtime, libraries, programs), staged)
        package.build(source(payload.files(staged), VERSION), scratch, msi)
        msi.with_suffix(".files.sha256").write_text(payload.listing(staged), encoding="utf-8")
    digest = hashlib.sha256(msi.read_bytes()).hexdigest()
    msi.with_suffix(".msi.sha256").write_text(f"{digest}  {msi.name}\n", encoding="utf-8")
    return msi


if __name__ == "__main__":
    print(main(*(Path(argument) for argument in sys.argv[1:])))
