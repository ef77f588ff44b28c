"""What the MSI is made from, in a size that is built in moments; the real one is `make test-msi`'s."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from installer.materials import REPORT
from tests.installer.authority import Authority, time_stamps

ROOT = Path(__file__).parents[2]
_PYTHON = ROOT / ".stamps/windows-python"
_LIBRARY = ROOT / ".stamps/windows-libraries/_cffi_backend.cp313-win_amd64.pyd"


class Parts(NamedTuple):
    python: Path
    """A folder with two of the programs of a Python that its makers signed."""
    libraries: Path
    """A folder with one extension, unsigned as they come."""

    @classmethod
    def make(cls, folder: Path) -> Parts:
        found = cls(folder / "python", folder / "libraries")
        for each in found:
            each.mkdir(parents=True)
        for name in ("python.exe", "python313.dll"):
            shutil.copy(_PYTHON / name, found.python)
        shutil.copy(_LIBRARY, found.libraries)
        (folder / REPORT).write_text('{"install": []}', encoding="ascii")
        return found


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    return Parts.make(tmp_path)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def timestamp(authority: Authority) -> Iterator[str]:
    with time_stamps(authority) as url:
        yield url
