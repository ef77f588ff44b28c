"""The same sources make the same MSI, whenever and wherever it is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.version import VERSION
from installer import __main__ as program
from tests.installer.conftest import Parts

MOMENT = "1767225600"


def built(parts: Parts, directory: Path) -> dict[str, bytes]:
    """Every file that the build leaves, by its path."""
    assert program.main([str(parts.python), str(parts.libraries), str(directory)]) == 0
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_two_builds_are_alike_and_a_changed_file_is_not(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MOMENT)
    first = built(parts, tmp_path / "first")
    other = Parts.make(tmp_path / "other")
    (other.python / "python.exe").touch()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert built(other, tmp_path / "second") == first
    (other.libraries / "one_more.py").write_text("", encoding="ascii")
    third = built(other, tmp_path / "third")
    assert third.keys() == first.keys()
    alike = {name for name in third if third[name] == first[name] and not name.startswith("PolicyDefinitions/")}
    assert alike == {f"card-bridge-{VERSION}-x64.signers.tsv"}
