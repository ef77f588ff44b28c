"""PCs to try the MSI on, each a copy of one that was prepared once: bare, or with the program installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.windows import pc, product


@pytest.fixture(scope="session")
def bare_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("bare")
    with pc.running(home) as windows:
        # Windows has Japanese letters for Segoe UI by itself.
        windows.run(
            *("reg", "add", r"HKCU\Software\Wine\Fonts\Replacements", "/v", "Segoe UI"),
            *("/t", "REG_SZ", "/d", "Noto Sans CJK JP", "/f"),
        )
    return home


@pytest.fixture(scope="session")
def installed_disk(bare_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a silent installation without any property."""
    home = copied(bare_disk, tmp_path_factory.mktemp("installed") / "pc")
    with pc.running(home) as windows:
        windows.run("msiexec", "/i", product.MSI, "/qn")
    return home


@pytest.fixture
def bare(bare_disk: Path, tmp_path: Path) -> Iterator[Path]:
    yield from _lent(bare_disk, tmp_path / "pc")


@pytest.fixture
def installed(installed_disk: Path, tmp_path: Path) -> Iterator[Path]:
    yield from _lent(installed_disk, tmp_path / "pc")


@pytest.fixture(scope="session")
def older_msi(tmp_path_factory: pytest.TempPathFactory) -> str:
    return product.build("0.0.1", tmp_path_factory.mktemp("older"))


@pytest.fixture(scope="session")
def newer_msi(tmp_path_factory: pytest.TempPathFactory) -> str:
    return product.build("0.9.0", tmp_path_factory.mktemp("newer"))


def copied(disk: Path, home: Path) -> Path:
    """Wine's own programs, some 650 MB that nobody changes, are the same files on all disks."""
    shutil.copytree(disk, home, symlinks=True, copy_function=_copy)
    return home


def _copy(source: str, target: str) -> None:
    if any(folder in source for folder in ("/windows/system32/", "/windows/syswow64/", "/windows/winsxs/")):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _lent(disk: Path, home: Path) -> Iterator[Path]:
    yield copied(disk, home)
    shutil.rmtree(home)
