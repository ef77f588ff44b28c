"""Documents' files, as the daemon itself writes them: bytes that it was given, joined and not read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from bridge.errors import DocumentNotKept, DocumentUnknown

_PIECE = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write(path: Path, content: bytes) -> None:
    """Raises DocumentNotKept."""
    try:
        with os.fdopen(os.open(path, _NEW, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise DocumentNotKept("a document cannot be kept") from error


def join(result: Path, head: bytes, document: Path, tail: bytes, sha256: str) -> None:
    """A CMS around its document. Raises DocumentUnknown when that is not what was signed any more, DocumentNotKept."""
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(result, _NEW, 0o600), "wb") as file, document.open("rb", buffering=0) as content:
            file.write(head)
            while piece := content.read(_PIECE):
                digest.update(piece)
                file.write(piece)
            file.write(tail)
    except OSError as error:
        raise DocumentNotKept("a signed document cannot be kept") from error
    if digest.hexdigest() != sha256:
        raise DocumentUnknown("a document changed while it was signed")


def told(handle: str, file: Path) -> dict[str, Any]:
    """What a page is told of a document: `{document, size, sha256}`. Raises OSError."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        return {"document": handle, "size": os.fstat(content.fileno()).st_size, "sha256": digest}
