"""Product code and package code: the same just if nothing differs between two MSIs, wherever the difference stands."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from installer import package
from installer.wix import additions, names, sql
from installer.wix.source import source

FILES = (names.WINDOW_PROGRAM, names.COMMAND_LINE)
EDITION = package.Edition("1.2.3", package.EARLIEST)
ADDITION = sql.insert("Property", Property="ONE_MORE", Value="1")
CODE_PAGE = additions.CODE_PAGE.replace("932", "1252")


class Codes(NamedTuple):
    product: str
    package: str


def built(folder: Path, edition: package.Edition = EDITION, changed: str = "") -> Path:
    """An MSI of next to nothing; `changed`: the one of its files that reads otherwise."""
    (folder / names.PAYLOAD).mkdir(parents=True)
    for name in (*(f"{names.PAYLOAD}/{each}" for each in FILES), names.ICON):
        (folder / name).write_text("another" if name == changed else name, encoding="ascii")
    msi = folder / "made.msi"
    package.build(source(sorted(FILES), edition.version), folder, msi, edition)
    return msi


def codes(msi: Path) -> Codes:
    rows = dict(line.split("\t") for line in _told("export", str(msi), "Property").splitlines())
    summary = dict(line.split(": ", 1) for line in _told("suminfo", str(msi)).splitlines() if ": " in line)
    return Codes(rows["ProductCode"], next(value for name, value in summary.items() if "Revision" in name))


def _told(*command: str) -> str:
    return subprocess.run(["msiinfo", *command], capture_output=True, check=True).stdout.decode("cp932")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("usual"))


def test_the_same_again_is_the_same_msi(usual: Path, tmp_path: Path) -> None:
    again = built(tmp_path)
    assert again.read_bytes() == usual.read_bytes()
    assert codes(again) == codes(usual)


def test_the_two_codes_are_codes_and_not_one(usual: Path) -> None:
    found = codes(usual)
    assert found.product != found.package
    assert all(len(code) == 38 and code == code.upper() for code in found)


def more_sql(patch: pytest.MonkeyPatch, folder: Path) -> Path:
    queries = additions.queries
    patch.setattr(additions, "queries", lambda: [*queries(), ADDITION])
    return built(folder)


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(more_sql, id="one more row by SQL"),
        pytest.param(lambda _, folder: built(folder, changed=names.ICON), id="another icon, which is not installed"),
        pytest.param(lambda _, folder: built(folder, changed=f"{names.PAYLOAD}/{FILES[0]}"), id="another program"),
        pytest.param(lambda _, folder: built(folder, EDITION._replace(moment=1767225600)), id="other dates"),
        pytest.param(lambda _, folder: built(folder, EDITION._replace(version="1.2.4")), id="another version"),
    ],
)
def test_what_differs_has_codes_of_its_own(
    usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[[pytest.MonkeyPatch, Path], Path]
) -> None:
    other = build(monkeypatch, tmp_path)
    assert other.read_bytes() != usual.read_bytes()
    assert not set(codes(other)) & set(codes(usual))


def test_code_pages_alone_make_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(additions, "queries", lambda: [ADDITION])  # no Japanese, which the other page could not hold
    japanese = built(tmp_path / "932")
    monkeypatch.setattr(additions, "CODE_PAGE", CODE_PAGE)
    assert not set(codes(built(tmp_path / "1252"))) & set(codes(japanese))
