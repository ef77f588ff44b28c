"""The MSI's bill of materials (CycloneDX): Python, every library with its wheel's hash, our packages."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final, NamedTuple

import pefile
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from installer.payload import PACKAGES
from installer.wix.names import NAME

REPORT: Final = "windows-libraries.json"
"""Beside the folder of libraries: what pip installed into it, and from which archives (pip install --report)."""
_LICENSE: Final = "Apache-2.0"
_PYTHON: Final = ("python313.dll", "Python", "PSF-2.0")
_INSIDE_PYTHON: Final = (("libcrypto-3.dll", "OpenSSL", "Apache-2.0"), ("sqlite3.dll", "SQLite", "blessing"))
"""What Python brings and others watch for flaws by themselves: file, name, licence (SPDX)."""


class Sources(NamedTuple):
    version: str
    python: Path
    """The unpacked Python."""
    libraries: Path
    moment: int
    """The bill's date, in Unix seconds."""


def bill(sources: Sources, msi: bytes) -> str:
    """JSON, the same for the same MSI. Raises KeyError for a library that pip's report does not name, OSError."""
    product = Component(
        name=NAME, version=sources.version, type=ComponentType.APPLICATION, bom_ref=NAME, hashes=[_hash(msi)],
        licenses=_licenses(_LICENSE),
    )  # fmt: skip
    parts = [_python(sources.python), *_libraries(sources.libraries), *_own(sources.version)]
    bom = Bom(
        components=parts,
        metadata=BomMetaData(component=product, timestamp=datetime.fromtimestamp(sources.moment, UTC)),
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(msi).hexdigest()),
    )
    bom.register_dependency(product, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _python(folder: Path) -> Component:
    inside = [_file(folder, *each) for each in _INSIDE_PYTHON if (folder / each[0]).exists()]
    return _file(folder, *_PYTHON, inside=inside)


def _file(folder: Path, file: str, name: str, licence: str, inside: list[Component] | None = None) -> Component:
    """By the version that the file itself tells, and its hash."""
    path = folder / file
    return Component(
        name=name, version=product_version(path), type=ComponentType.LIBRARY, bom_ref=name,
        hashes=[_hash(path.read_bytes())], licenses=_licenses(licence), components=inside,
    )  # fmt: skip


def _libraries(folder: Path) -> list[Component]:
    archives = _archives(folder.with_name(REPORT))
    found = sorted(distributions(path=[str(folder)]), key=lambda each: each.name)
    return [_library(each, archives[each.name]) for each in found]


def _library(library: Distribution, sha256: str) -> Component:
    purl = PackageURL("pypi", name=library.name.lower(), version=library.version)
    return Component(
        name=library.name, version=library.version, type=ComponentType.LIBRARY, bom_ref=str(purl), purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)], licenses=_licenses(_licence(library)),
    )  # fmt: skip


def _licence(library: Distribution) -> str:
    """As its makers put it: the expression of newer metadata, the words of older, or the classifier's last part."""
    told = library.metadata
    for name in ("License-Expression", "License"):
        if name in told:
            return told[name]
    (classifier,) = (each for each in told.get_all("Classifier", []) if each.startswith("License :: "))
    return str(classifier.rpartition(" :: ")[2])


def _archives(report: Path) -> dict[str, str]:
    """SHA-256 of each library's wheel, by the library's name."""
    installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {each["metadata"]["name"]: each["download_info"]["archive_info"]["hashes"]["sha256"] for each in installed}


def _own(version: str) -> list[Component]:
    return [
        Component(name=each, version=version, type=ComponentType.LIBRARY, bom_ref=each, licenses=_licenses(_LICENSE))
        for each in PACKAGES
    ]


def product_version(path: Path) -> str:
    """A program's, from its version resource."""
    with pefile.PE(str(path)) as portable:
        tables = [table for info in portable.FileInfo[0] for table in getattr(info, "StringTable", [])]
        return str(tables[0].entries[b"ProductVersion"].decode())


def _licenses(text: str) -> list[License]:
    return [LicenseFactory().make_from_string(text)]


def _hash(content: bytes) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(content).hexdigest())
