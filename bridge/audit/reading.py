"""Reading the record: every line of every file, as it was at one moment while others may go on writing."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bridge.audit import chain
from bridge.audit.chain import Line
from bridge.audit.folder import Folder, Held, Part

_PATIENCE_SECONDS = 2.0
_LOOKED_THROUGH = 4 << 20
OK = "ok"
SIGNATURES = frozenset({"sign", "authenticate"})

_LIKELY = re.compile("|".join(f'"event":"{event}"' for event in sorted(SIGNATURES)).encode())


class Piece(NamedTuple):
    """What stands between two line feeds."""

    file: str
    row: int
    """Of the line in its file, from 1."""
    raw: bytes
    """With its line feed, unless it is the last of its file and has none."""


def pieces(path: Path) -> Iterator[Piece]:
    """Of a record's folder, or of one file that was exported. Raises OSError."""
    if path.is_file():
        yield from split(path.name, path.read_bytes())
        return
    folder = Folder(path)
    for part in _snapshot(folder):
        yield from split(folder.file(part.number).name, folder.read(part))


def lines(path: Path) -> Iterator[Line]:
    """Those that can be read, whatever they follow: for showing, not for believing. Raises OSError."""
    return _readable(pieces(path))


def last_signatures(path: Path, count: int) -> list[Line]:
    """The newest last; from the newest files only, as many as it takes and at most a few megabytes. Raises OSError."""
    folder, found, seen = Folder(path), list[Line](), 0
    for part in reversed(folder.parts()):
        likely = (piece for piece in split("", folder.read(part)) if _LIKELY.search(piece.raw))
        found = [*signatures(_readable(likely)), *found]
        seen += part.size
        if len(found) >= count or seen > _LOOKED_THROUGH:
            break
    return found[-count:]


def signatures(found: Iterable[Line]) -> list[Line]:
    return [line for line in found if line.event in SIGNATURES and line.facts.get("outcome") == OK]


def _readable(found: Iterable[Piece]) -> Iterator[Line]:
    for piece in found:
        with contextlib.suppress(chain.Malformed):
            yield chain.unseal(piece.raw.removesuffix(b"\n"))


def _snapshot(folder: Folder) -> list[Part]:
    """Between two lines, if whoever writes lets us. Raises OSError."""
    end = time.monotonic() + _PATIENCE_SECONDS
    try:
        while folder.path.is_dir() and time.monotonic() < end:
            with contextlib.suppress(Held), folder.locked():
                return folder.parts()
            time.sleep(0.005)
    except PermissionError:
        pass  # a folder that we may only read has no lock for us
    finally:
        folder.close()
    return folder.parts()


def split(name: str, raw: bytes) -> Iterator[Piece]:
    """A file's bytes, line by line; only the last may lack its line feed."""
    *whole, last = raw.split(b"\n")
    for number, line in enumerate(whole, 1):
        yield Piece(name, number, line + b"\n")
    if last:
        yield Piece(name, len(whole) + 1, last)
