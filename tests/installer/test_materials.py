"""The bill of materials: valid by CycloneDX's own schema, and complete beside the lock that was installed from."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from installer import materials
from installer.materials import Sources
from tests.installer.conftest import ROOT

MSI = b"an MSI"
SOURCES = Sources("1.2.3", ROOT / ".stamps/windows-python", ROOT / ".stamps/windows-libraries", 1_767_225_600)
LOCK = (ROOT / "requirements/windows-run.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text() -> str:
    return materials.bill(SOURCES, MSI)


@pytest.fixture
def bill(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def sha256(component: dict[str, Any]) -> str:
    (found,) = component["hashes"]
    assert found["alg"] == "SHA-256"
    return str(found["content"])


def test_it_is_valid_by_the_schema(text: str) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"type"', '"kind"')) is not None


def test_it_names_every_library_of_the_lock_by_a_hash_that_the_lock_has(bill: dict[str, Any]) -> None:
    pinned = {name: set(re.findall(r"sha256:(\w+)", hashes)) for name, hashes in _pins().items()}
    listed = {each["purl"]: each for each in bill["components"] if "purl" in each}
    assert listed.keys() == pinned.keys()
    assert all(sha256(each) in pinned[purl] for purl, each in listed.items())


def _pins() -> dict[str, str]:
    pins = re.findall(r"^([a-z0-9-]+)==([\w.]+) \\\n((?: +--hash.*\n?)+)", LOCK, re.MULTILINE)
    return {f"pkg:pypi/{name}@{version}": hashes for name, version, hashes in pins}


def test_everything_has_a_version_and_a_licence(bill: dict[str, Any]) -> None:
    for each in (bill["metadata"]["component"], *bill["components"]):
        assert re.fullmatch(r"\d+(\.\d+)+", each["version"]), each
        assert all(
            one.get("expression") or one["license"].get("id") or one["license"]["name"] for one in each["licenses"]
        )


def test_it_names_python_with_its_openssl_and_our_packages(bill: dict[str, Any]) -> None:
    components = {each["name"]: each for each in bill["components"]}
    assert {"bridge", "certs", "tray"} < components.keys()
    python = components["Python"]
    assert (python["version"], sha256(python)) == ("3.13.2", _of(SOURCES.python / "python313.dll"))
    inside = {each["name"]: each for each in python["components"]}
    assert inside.keys() == {"OpenSSL", "SQLite"}
    assert (inside["OpenSSL"]["version"], sha256(inside["OpenSSL"])) == (
        "3.0.15",
        _of(SOURCES.python / "libcrypto-3.dll"),
    )


def _of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_it_is_of_one_msi_and_says_nothing_of_where_that_was_built(text: str, bill: dict[str, Any]) -> None:
    assert sha256(bill["metadata"]["component"]) == hashlib.sha256(MSI).hexdigest()
    assert bill["metadata"]["timestamp"] == "2026-01-01T00:00:00+00:00"
    assert materials.bill(SOURCES, MSI) == text
    assert uuid.UUID(bill["serialNumber"]).version == 5
    assert bill["serialNumber"] != json.loads(materials.bill(SOURCES, b"another"))["serialNumber"]
    # The schema's own address alone: not that of the index which pip's report names.
    assert re.findall(r"https?://[^\"]*", text) == ["http://cyclonedx.org/schema/bom-1.6.schema.json"]


def test_a_library_that_pip_did_not_report_fails(tmp_path: Path) -> None:
    (tmp_path / "libraries/sneaked-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "libraries/sneaked-1.0.dist-info/METADATA").write_text(
        "Name: sneaked\nVersion: 1.0\n", encoding="ascii"
    )
    (tmp_path / materials.REPORT).write_text('{"install": []}', encoding="ascii")
    with pytest.raises(KeyError, match="sneaked"):
        materials.bill(SOURCES._replace(libraries=tmp_path / "libraries"), MSI)
