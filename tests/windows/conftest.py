"""PCs to try the MSI on, each a copy of one that was prepared once: bare, or with the program installed."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.windows import pc, product


@pytest.fixture(scope="session")
def bare_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made_once(tmp_path_factory, "bare", prepare)


def prepare(home: Path) -> None:
    """A Windows with nothing of ours."""
    home.mkdir()
    with pc.running(home) as windows:
        # Windows has Japanese letters for Segoe UI by itself.
        windows.run(
            *("reg", "add", r"HKCU\Software\Wine\Fonts\Replacements", "/v", "Segoe UI"),
            *("/t", "REG_SZ", "/d", "Noto Sans CJK JP", "/f"),
        )


@pytest.fixture(scope="session")
def installed_disk(bare_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a silent installation without any property."""

    def install(home: Path) -> None:
        with pc.running(copied(bare_disk, home)) as windows:
            windows.run("msiexec", "/i", product.MSI, "/qn")

    return _made_once(tmp_path_factory, "installed", install)


def _made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A disk for all processes that run the tests side by side, made by the first that needs it."""
    base = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home, ready = shared / f"disk-{name}", shared / f"disk-{name}.ready"
    with (shared / f"disk-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(home, ignore_errors=True)  # of one that failed
            make(home)
            ready.touch()
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
