"""The same sources make the same MSI, whenever and wherever it is built."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bridge.version import VERSION
from installer import __main__ as program
from tests.installer.conftest import Parts

MOMENT = "1767225600"


def built(parts: Parts, directory: Path) -> dict[str, bytes]:
    """Every file that the build leaves, by its name."""
    assert program.main([str(parts.python), str(parts.libraries), str(directory)]) == 0
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_two_builds_are_alike_and_a_changed_file_is_not(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MOMENT)
    first = built(parts, tmp_path / "first")
    other = Parts(*(Path(shutil.copytree(folder, tmp_path / "other" / folder.name)) for folder in parts))
    (other.python / "python.exe").touch()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert built(other, tmp_path / "second") == first
    (other.libraries / "one_more.py").write_text("", encoding="ascii")
    third = built(other, tmp_path / "third")
    assert third.keys() == first.keys()
    assert {name for name in third if third[name] == first[name]} == {f"card-bridge-{VERSION}-x64.signers.tsv"}
