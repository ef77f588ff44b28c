"""Runs wixl over the source and adds, by msibuild, what it cannot say.

The same files make the same MSI, byte by byte: no clock and no random number goes in.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree import ElementTree as Xml

from installer.wix import additions
from installer.wix.names import NAME

_SOURCE: Final = "card-bridge.wxs"
_CODE_PAGE: Final = "code-page.idt"
_NAMESPACE: Final = uuid.UUID("5f4a3c0e-8f0d-4a54-9a3b-2f1f0f6f1b0d")
EARLIEST: Final = 315_532_800
"""1980-01-01 UTC: a cabinet's calendar begins there."""


class Edition(NamedTuple):
    """Which MSI this is."""

    version: str
    moment: int
    """What every file and the MSI itself are dated, in Unix seconds, from EARLIEST on."""


def build(text: str, directory: Path, msi: Path, edition: Edition) -> None:
    """Writes `msi` from the text of a .wxs and the files beside it in `directory`.

    Raises CalledProcessError, OSError.
    """
    queries = additions.queries()
    whole = _digest([text, additions.CODE_PAGE, *queries, *map(str, edition), *_files(text, directory)])
    product, package = (_code(what, whole) for what in ("product", "package"))
    # Here and not by SQL: the random code that wixl puts in place of * would stay among the database's strings.
    (directory / _SOURCE).write_text(text.replace('<Product Id="*"', f'<Product Id="{product}"'), encoding="utf-8")
    for path in directory.rglob("*"):
        os.utime(path, (edition.moment, edition.moment))
    _run(edition, directory, "wixl", "--arch", "x64", "--output", str(msi), _SOURCE)
    (directory / _CODE_PAGE).write_text(additions.CODE_PAGE, encoding="ascii", newline="")
    _run(edition, directory, "msibuild", str(msi), "-i", _CODE_PAGE, "-q", *queries)
    # msibuild sets the summary's code together with subject, author and template, or not at all.
    _run(edition, directory, "msibuild", str(msi), "-s", f"{NAME} {edition.version}", NAME, "x64;1033", package)


def _files(text: str, directory: Path) -> list[str]:
    """Every file that the source takes in, installed or not, by its hash. Raises OSError."""
    elements = Xml.fromstring(text.encode()).iter()  # noqa: S314 - we wrote it
    named = sorted({each.get("Source") or each.get("SourceFile") or "" for each in elements} - {""})
    return [f"{name}\n{hashlib.sha256((directory / name).read_bytes()).hexdigest()}" for name in named]


def _digest(parts: Iterable[str]) -> str:
    """Each part counts for itself: no two lists of parts have one digest because they read alike when joined."""
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()


def _code(what: str, whole: str) -> str:
    """Two MSIs have one code just if nothing differs between them: `whole` is the digest of everything in one."""
    return "{" + str(uuid.uuid5(_NAMESPACE, f"{what}\n{whole}")).upper() + "}"


def _run(edition: Edition, directory: Path, *command: str) -> None:
    """With its clock stopped: both programs write the time into the MSI."""
    clock = ["faketime", "-f", datetime.fromtimestamp(edition.moment, UTC).strftime("%Y-%m-%d %H:%M:%S")]
    subprocess.run([*clock, *command], cwd=directory, check=True, env=os.environ | {"TZ": "UTC"})
